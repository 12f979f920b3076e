{{- define "isobar.test_container" -}}
image: {{ include "isobar.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
resources:
  requests: {cpu: 50m, memory: 64Mi}
  limits: {memory: 256Mi}
securityContext:
  {{- include "isobar.container_security" . | nindent 2 }}
{{- end -}}

{{- /* The question of helm test: the surface of the first option symbol, else the radar of the first future. */ -}}
{{- define "isobar.test_query" -}}
{{- $found := dict -}}
{{- range $worker := (include "isobar.workers" . | fromYaml).workers -}}
{{- $address := printf "%s:%s" $worker.name (include "isobar.grpc_port" (dict "root" $ "worker" $worker)) -}}
{{- if and (eq $worker.service "heatmap-builder") $worker.symbols (not (eq (get $found "question") "surface")) -}}
{{- $found = dict "question" "surface" "symbol" (first $worker.symbols) "address" $address -}}
{{- end -}}
{{- if and (eq $worker.service "radar-physics") $worker.futures (not $found) -}}
{{- $found = dict "question" "radar" "symbol" (first $worker.futures) "address" $address -}}
{{- end -}}
{{- end -}}
{{- toYaml $found -}}
{{- end -}}
