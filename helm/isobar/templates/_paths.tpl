{{- /*
Who talks to whom: {paths: [{from, to, port}]}. Services speak over NATS only; "test" is the pod of helm test, "clients",
"metrics", "dns" and "bus" are the peers of networkPolicy, the others are components of this release. Every NetworkPolicy is made from this.
*/ -}}
{{- define "isobar.paths" -}}
{{- $own := and .Values.nats.server.enabled (not .Values.nats.url) -}}
{{- $bus := dict "to" (ternary "nats" "bus" $own) "port" (ternary "4222" ((splitList ":" (urlParse (include "isobar.bus" .)).host | last) | mustRegexFind "^[0-9]+$" | default "4222") $own) -}}
{{- $paths := list -}}
{{- $services := list -}}
{{- range (include "isobar.workers" .  | fromYaml).workers -}}
{{- $with := dict "root" $ "worker" . -}}
{{- $grpc := include "isobar.grpc_port" $with -}}
{{- $http := include "isobar.http_port" $with -}}
{{- $paths = concat $paths (list
    (dict "from" .service "to" "dns" "port" "53") (merge (dict "from" .service) $bus)
    (dict "from" "clients" "to" .service "port" $grpc) (dict "from" "metrics" "to" .service "port" $http)) -}}
{{- if $.Values.tests.enabled -}}
{{- $paths = append $paths (dict "from" "test" "to" .service "port" $grpc) -}}
{{- end -}}
{{- end -}}
{{- if (include "isobar.registry" . | fromYaml).lists -}}
{{- $paths = concat $paths (list (dict "from" "registry" "to" "dns" "port" "53") (merge (dict "from" "registry") $bus)) -}}
{{- end -}}
{{- if $own -}}
{{- $paths = append $paths (dict "from" "nats" "to" "dns" "port" "53") -}}
{{- if gt (int .Values.nats.server.replicas) 1 -}}
{{- $paths = append $paths (dict "from" "nats" "to" "nats" "port" "6222") -}}
{{- end -}}
{{- end -}}
{{- if .Values.tests.enabled -}}
{{- $paths = append $paths (dict "from" "test" "to" "dns" "port" "53") -}}
{{- end -}}
{{- toYaml (dict "paths" (uniq $paths)) -}}
{{- end -}}

{{- /* The peers that a name of isobar.paths stands for: dict "root" $ "name" NAME. */ -}}
{{- define "isobar.peers" -}}
{{- $outside := dict "clients" .root.Values.networkPolicy.grpcFrom "metrics" .root.Values.networkPolicy.metricsFrom
    "dns" .root.Values.networkPolicy.dnsTo "bus" .root.Values.networkPolicy.natsTo -}}
{{- if hasKey $outside .name -}}
{{- toYaml (get $outside .name) -}}
{{- else -}}
- podSelector:
    matchLabels:
      {{- include "isobar.selector" (dict "root" .root "component" .name) | nindent 6 }}
{{- end -}}
{{- end -}}

{{- /* One rule of a NetworkPolicy: dict "root" $ "peer" NAME "side" "from"|"to" "port" PORT. No peers: anywhere. */ -}}
{{- define "isobar.path_rule" -}}
{{- $peers := include "isobar.peers" (dict "root" .root "name" .peer) -}}
- ports:
    {{- if eq .peer "dns" }}
    - {protocol: UDP, port: {{ .port }}}
    {{- end }}
    - {protocol: TCP, port: {{ .port }}}
{{- if ne $peers "[]" }}
  {{ .side }}:
    {{- $peers | nindent 4 }}
{{- end }}
{{- end -}}
