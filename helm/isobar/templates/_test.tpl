{{- define "isobar.test_container" -}}
image: {{ include "isobar.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
resources:
  requests: {cpu: 50m, memory: 64Mi}
  limits: {memory: 256Mi}
securityContext:
  {{- include "isobar.container_security" . | nindent 2 }}
{{- if .Values.grpc.tls.existingSecret }}
volumeMounts:
  - {name: client, mountPath: /etc/isobar/client, readOnly: true}
{{- end }}
{{- end -}}

{{- /* What the test pod shows where gRPC has TLS: {files: {file: key}, words: [options of isobar query]}. */ -}}
{{- define "isobar.test_client" -}}
{{- $files := dict -}}
{{- $words := list -}}
{{- if .Values.grpc.tls.existingSecret -}}
{{- with .Values.tests.client -}}
{{- range $option, $key := dict "tls-ca" .caKey "tls-cert" .certKey "tls-key" .keyKey "token-file" .tokenKey -}}
{{- if $key -}}
{{- $_ := set $files $option $key -}}
{{- $words = append $words (printf "--%s=/etc/isobar/client/%s" $option $option) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "files" $files "words" $words) -}}
{{- end -}}

{{- /* The question of helm test: the surface of the first option symbol, else the radar of the first future. */ -}}
{{- define "isobar.test_query" -}}
{{- $found := dict -}}
{{- range $worker := (include "isobar.workers" . | fromYaml).workers -}}
{{- $address := printf "%s.%s.svc:%s" $worker.name $.Release.Namespace (include "isobar.grpc_port" (dict "root" $ "worker" $worker)) -}}
{{- if and (eq $worker.service "heatmap-builder") $worker.symbols (not (eq (get $found "question") "surface")) -}}
{{- $found = dict "question" "surface" "symbol" (first $worker.symbols) "address" $address -}}
{{- end -}}
{{- if and (eq $worker.service "radar-physics") $worker.futures (not $found) -}}
{{- $found = dict "question" "radar" "symbol" (first $worker.futures) "address" $address -}}
{{- end -}}
{{- end -}}
{{- toYaml $found -}}
{{- end -}}
