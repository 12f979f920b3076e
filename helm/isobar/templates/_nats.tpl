{{- /* The configuration of the chart's own NATS: dict "root" $ "name" NAME. */ -}}
{{- define "isobar.nats_conf" -}}
{{- $replicas := int .root.Values.nats.server.replicas -}}
server_name: $POD_NAME
listen: 0.0.0.0:4222
http: 0.0.0.0:8222
max_payload: 8MB
lame_duck_grace_period: 5s
lame_duck_duration: 30s
jetstream {
  store_dir: /data
  max_memory_store: {{ .root.Values.nats.server.memoryStore }}
  max_file_store: {{ .root.Values.nats.server.fileStore }}
}
{{- if gt $replicas 1 }}
cluster {
  name: {{ .name }}
  listen: 0.0.0.0:6222
  routes: [
    {{- range $i := until $replicas }}
    nats://{{ $.name }}-{{ $i }}.{{ $.name }}-servers:6222
    {{- end }}
  ]
}
{{- end }}
{{- if .root.Values.nats.server.authSecret }}
include ./auth.conf
{{- end }}
{{- end -}}
