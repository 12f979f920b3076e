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

{{- /* The question of helm test: the surface of the first option symbol, else the radar of the first future; with shards, where
nobody knows beforehand who has it, its epoch or its feed. */ -}}
{{- define "isobar.test_query" -}}
{{- $found := dict "rank" 9 -}}
{{- range $worker := (include "isobar.workers" . | fromYaml).workers -}}
{{- $address := printf "%s.%s.svc:%s" $worker.name $.Release.Namespace (include "isobar.grpc_port" (dict "root" $ "worker" $worker)) -}}
{{- range $rank, $question := list
    (list "heatmap-builder" "surface") (list "epoch-manager" "epoch") (list "radar-physics" "radar") (list "feed-ingest" "gaps") -}}
{{- $symbols := concat $worker.symbols $worker.futures | default list -}}
{{- if and (eq $worker.service (first $question)) $symbols (not $worker.sharded) (lt $rank (int $found.rank)) -}}
{{- $found = dict "rank" $rank "question" (last $question) "symbol" (first $symbols) "address" $address -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $found -}}
{{- end -}}
