{{- /* The pod that lists the symbols of shards in the registry. */ -}}
{{- define "isobar.registry_template" -}}
{{- $lists := (include "isobar.registry" . | fromYaml).lists }}
{{- $operator := dict "root" . "worker" (dict "service" "isobar" "settings" (dict "secrets" dict)) }}
{{- $secrets := list }}
{{- range (include "isobar.secrets" $operator | fromYaml).secrets }}
{{- if hasPrefix "nats-" .name }}{{ $secrets = append $secrets . }}{{ end }}
{{- end }}
{{- $words := list (printf "--bus=%s" (include "isobar.bus" .)) (printf "--venue=%s" (dig "venue" "sim" .Values.options)) }}
{{- if .Values.nats.auth.existingSecret }}{{ $words = append $words "--nats-nkey-seed=/etc/isobar/nats-auth/seed" }}{{ end }}
{{- with .Values.nats.tls }}{{ if .existingSecret }}
{{- $words = append $words "--nats-tls-ca=/etc/isobar/nats-tls/ca.crt" }}
{{- if .certKey }}{{ $words = concat $words (list "--nats-tls-cert=/etc/isobar/nats-tls/tls.crt" "--nats-tls-key=/etc/isobar/nats-tls/tls.key") }}{{ end }}
{{- end }}{{ end }}
template:
  metadata:
    labels:
      {{- include "isobar.labels" (dict "root" . "component" "registry") | nindent 6 }}
  spec:
    {{- include "isobar.pod_head" . | nindent 4 }}
    restartPolicy: OnFailure
    containers:
      {{- range $lists }}
      - name: {{ .kind }}
        image: {{ include "isobar.image" $ }}
        imagePullPolicy: {{ $.Values.image.pullPolicy }}
        command: [/usr/bin/isobar]
        args:
          - symbols
          {{- range $words }}
          - {{ . | quote }}
          {{- end }}
          - add
          - --kind={{ .kind }}
          {{- range .symbols }}
          - {{ . | quote }}
          {{- end }}
        resources:
          requests: {cpu: 50m, memory: 64Mi}
          limits: {memory: 256Mi}
        securityContext:
          {{- include "isobar.container_security" $ | nindent 10 }}
        {{- with $secrets }}
        volumeMounts:
          {{- range . }}
          - {name: {{ .name }}, mountPath: /etc/isobar/{{ .name }}, readOnly: true}
          {{- end }}
        {{- end }}
      {{- end }}
    {{- with $secrets }}
    volumes:
      {{- range . }}
      {{- include "isobar.secret_volume" . | nindent 6 }}
      {{- end }}
    {{- end }}
{{- end -}}
