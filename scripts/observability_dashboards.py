"""The Grafana dashboards, as data: generate_observability.py writes them out."""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT = 8, 8  # three panels a row of 24
BY_SERVICE = 'service=~"$service"'
BY_SYMBOL = 'service=~"$service", symbol=~"$symbol"'


def panel(title, unit, *queries, description="", kind="timeseries"):
    """queries: (PromQL, legend) pairs."""
    return {"title": title, "unit": unit, "queries": queries, "description": description, "kind": kind}


def quantile(q, series, selector, by):
    return f"histogram_quantile({q}, sum by ({by}, le) ({series}{{{selector}}}))"


def red():
    """Rate, errors and duration of what every service does: frames in and out, queries."""
    query = "isobar:query_seconds_bucket:rate5m"
    return [
        panel("Frames in", "ops", (f"sum by (service) (isobar:frames_in:rate5m{{{BY_SERVICE}}})", "{{service}}")),
        panel("Frames out", "ops", (f"sum by (service) (isobar:frames_out:rate5m{{{BY_SERVICE}}})", "{{service}}")),
        panel("Queries", "reqps", (f"sum by (service, method) (isobar:queries:rate5m{{{BY_SERVICE}}})", "{{service}} {{method}}")),
        panel("Records refused", "ops", (f"sum by (service, reason) (isobar:rejected:rate5m{{{BY_SERVICE}}})", "{{service}} {{reason}}"),
              description="Every record that came is applied or refused under a reason."),
        panel("Frames lost", "ops", (f"sum by (service) (isobar:gaps:rate5m{{{BY_SERVICE}}})", "{{service}} gaps"),
              (f"sum by (service) (isobar:queue_dropped:rate5m{{{BY_SERVICE}}})", "{{service}} dropped")),
        panel("Query time, median and 99 %", "s", (quantile(0.5, query, BY_SERVICE, "service"), "{{service}} p50"),
              (quantile(0.99, query, BY_SERVICE, "service"), "{{service}} p99")),
        panel("Error budget burn, 1 h", "none",
              (f"isobar:slo_errors:ratio1h{{{BY_SERVICE}}} / on (slo) group_left isobar:slo_budget:ratio", "{{slo}} {{service}} {{symbol}}"),
              description="1 uses up exactly the budget of 30 days; above 14.4 somebody is called."),
        panel("Ready", "percentunit", (f"isobar:ready:ratio{{{BY_SERVICE}}}", "{{service}}")),
        panel("Resident memory", "bytes", (f'isobar_process_resident_bytes{{job="isobar", {BY_SERVICE}}}', "{{service}} {{instance}}")),
        panel("Fullest mailbox", "short", (f'isobar_actors_mailbox_depth_max{{job="isobar", {BY_SERVICE}}}', "{{service}} {{instance}}")),
        panel("Workers restarted", "short", (f'increase(isobar_actors_restarts_total{{job="isobar", {BY_SERVICE}}}[15m])', "{{service}} {{instance}}")),
        panel("Calls refused in 15 min", "short",
              (f'sum by (service, reason) (increase(isobar_grpc_refused_total{{job="isobar", {BY_SERVICE}}}[15m]))', "{{service}} {{reason}}"),
              description="Without a right token, beyond a client's rate, or with too long a deadline."),
        panel("Version", "short", (f'count by (service, version) (isobar_build_info{{job="isobar", {BY_SERVICE}}})', "{{service}} {{version}}")),
    ]


def feeds():
    """Whether what comes in from outside is whole."""
    def of(name, by="symbol"):
        return f'sum by ({by}) (rate(isobar_{name}{{symbol=~"$symbol"}}[5m]))'
    return [
        panel("Futures records", "ops", (of("feed_ingest_records_total", "symbol, kind"), "{{symbol}} {{kind}}")),
        panel("Futures records that are odd", "ops", (of("feed_ingest_odd_records_total", "symbol, what"), "{{symbol}} {{what}}")),
        panel("Frames ahead of the slowest consumer", "short", ('isobar_feed_ingest_lead_frames{symbol=~"$symbol"}', "{{symbol}}")),
        panel("Option events", "ops", (of("ws_hydrator_events_total"), "{{symbol}} in"), (of("ws_hydrator_applied_total"), "{{symbol}} applied"),
              (of("ws_hydrator_unknown_contracts_total"), "{{symbol}} unknown contract"), (of("ws_hydrator_late_events_total"), "{{symbol}} late")),
        panel("Option feed reconnections", "short", ('increase(isobar_ws_hydrator_feed_reconnects_total{symbol=~"$symbol"}[15m])', "{{symbol}}")),
        panel("Contracts subscribed and beyond the limit", "short", ('isobar_ws_hydrator_subscribed_contracts{symbol=~"$symbol"}', "{{symbol}} subscribed"),
              ('isobar_ws_hydrator_not_subscribed_contracts{symbol=~"$symbol"}', "{{symbol}} chain only")),
        panel("Chains", "ops", (of("chain_ingest_chains_total"), "{{symbol}}")),
        panel("Chain completeness", "percentunit", ('isobar_chain_ingest_completeness_ratio{symbol=~"$symbol"}', "{{symbol}}")),
        panel("Age of a chain's quotes", "s", ('isobar_chain_ingest_staleness_seconds{symbol=~"$symbol"}', "{{symbol}}")),
        panel("Windows of the book that are no truth", "ops", (of("radar_physics_invalid_windows_total"), "{{symbol}} invalid"),
              (of("radar_physics_crossed_windows_total"), "{{symbol}} crossed")),
        panel("Gaps asked for and lost", "short", ('increase(isobar_radar_physics_refill_requests_total{symbol=~"$symbol"}[15m])', "{{symbol}} asked"),
              ('increase(isobar_radar_physics_lost_gaps_total{symbol=~"$symbol"}[15m])', "{{symbol}} lost")),
        panel("Input lag", "s", ('max by (service, symbol) (isobar:input_lag_seconds:max{symbol=~"$symbol"})', "{{service}} {{symbol}}"),
              description="Clock minus the newest input's event time. Of a simulated or replayed day it is the day's distance."),
    ]


def freshness():
    """How old a surface is when it leaves, and whether it moves at all."""
    age = "isobar:end_to_end_age_seconds_bucket:rate5m"
    return [
        panel("Age when it leaves, median", "s", (quantile(0.5, age, BY_SYMBOL, "service, symbol"), "{{service}} {{symbol}}")),
        panel("Age when it leaves, 99 %", "s", (quantile(0.99, age, BY_SYMBOL, "service, symbol"), "{{service}} {{symbol}}")),
        panel("Windows later than 2 s, 1 h", "percentunit", (f'isobar:slo_errors:ratio1h{{slo="freshness", {BY_SYMBOL}}}', "{{service}} {{symbol}}"),
              description="None while the market is replayed or simulated: windows older than 100 s do not count."),
        panel("Revisions moved in 1 min", "short", (f"sum by (service, symbol) (changes(isobar:revision:max{{{BY_SYMBOL}}}[1m]))", "{{service}} {{symbol}}")),
        panel("Input lag", "s", (f"max by (service, symbol) (isobar:input_lag_seconds:max{{{BY_SYMBOL}}})", "{{service}} {{symbol}}")),
        panel("Epoch", "none", (f"max by (service, symbol) (isobar:epoch:max{{{BY_SYMBOL}}})", "{{service}} {{symbol}}")),
        panel("Epoch switches in the making", "short", ('isobar_epoch_manager_switch_pending{symbol=~"$symbol"}', "{{symbol}}")),
        panel("Tiles valid and listed", "short", ('isobar_heatmap_builder_valid_tiles{symbol=~"$symbol"}', "{{symbol}} valid"),
              ('isobar_heatmap_builder_listed_tiles{symbol=~"$symbol"}', "{{symbol}} listed")),
        panel("Subscribers", "short", ("isobar_heatmap_builder_stream_subscribers", "surface {{instance}}"),
              ("isobar_radar_physics_stream_subscribers", "radar {{instance}}"), ("isobar_gamma_fuel_stream_subscribers", "gamma {{method}} {{instance}}")),
    ]


def bus():
    """The connection of each process to NATS, as the process sees it."""
    def each(name):
        return f'isobar_bus_{name}{{job="isobar", {BY_SERVICE}}}'
    legend = "{{service}} {{instance}}"
    return [
        panel("Connected", "short", (each("connected"), legend)),
        panel("Reconnections in 15 min", "short", (f'increase({each("reconnects_total")}[15m])', legend)),
        panel("Bytes waiting to be sent", "bytes", (each("pending_bytes"), legend)),
        panel("Messages published", "ops", (f'rate({each("published_total")}[5m])', legend)),
        panel("Bytes published", "Bps", (f'rate({each("published_bytes_total")}[5m])', legend)),
        panel("Messages received", "ops", (f'rate({each("received_total")}[5m])', legend)),
        panel("Dropped by full subscriptions", "ops", (f'rate({each("dropped_total")}[5m])', legend)),
        panel("Slow consumer events in 15 min", "short", (f'increase({each("slow_consumer_events_total")}[15m])', legend)),
        panel("Failed and refused", "short", (f'increase({each("publish_errors_total")}[15m])', legend + " failed"),
              (f'increase({each("permission_errors_total")}[15m])', legend + " refused")),
    ]


def symbols():
    """One symbol through every service: choose it above."""
    of = 'symbol=~"$symbol"'
    legend = "{{service}} {{symbol}}"
    return [
        panel("Frames in", "ops", (f"isobar:frames_in:rate5m{{{of}}}", legend)),
        panel("Frames out", "ops", (f"isobar:frames_out:rate5m{{{of}}}", legend)),
        panel("Bytes of frames out", "Bps", (f"isobar:frame_bytes:rate5m{{{of}}}", legend)),
        panel("Gaps and heals", "ops", (f"isobar:gaps:rate5m{{{of}}}", legend + " gaps"), (f"isobar:heals:rate5m{{{of}}}", legend + " heals")),
        panel("Mailbox", "short", (f"max by (service, symbol) (isobar:mailbox_depth:max{{{of}}})", legend)),
        panel("Queues", "short", (f"max by (service, symbol, queue) (isobar:queue_depth:max{{{of}}})", legend + " {{queue}}")),
        panel("Live orders of the book", "short", (f"isobar_radar_physics_live_orders{{{of}}}", "{{symbol}}")),
        panel("Memory of book and medium", "bytes", (f"isobar_radar_physics_memory_bytes{{{of}}}", "{{symbol}}")),
        panel("Contracts listed and priced", "short", (f"isobar_gamma_fuel_contracts{{{of}}}", "{{symbol}} listed"),
              (f"isobar_gamma_fuel_contracts_priced{{{of}}}", "{{symbol}} priced")),
        panel("Time to build a gamma window, 99 %", "s",
              (f"histogram_quantile(0.99, sum by (symbol, le) (rate(isobar_gamma_fuel_window_seconds_bucket{{{of}}}[5m])))", "{{symbol}}")),
        panel("Age of the last checkpoint", "s", (f"isobar_radar_physics_checkpoint_age_seconds{{{of}}}", "radar {{symbol}}"),
              (f"isobar_gamma_fuel_checkpoint_age_seconds{{{of}}}", "gamma {{symbol}}")),
        panel("Where it runs", "short", (f"count by (service, symbol, instance) (isobar:revision:max{{{of}}})", "{{service}} {{symbol}} {{instance}}"),
              description="Each service has each symbol once; twice means two workers of one symbol."),
    ]


def variable(name, query):
    return {"name": name, "type": "query", "datasource": SOURCE, "query": {"query": query, "refId": name}, "definition": query,
            "refresh": 2, "includeAll": True, "multi": True, "allValue": ".*", "sort": 1, "current": {"text": "All", "value": "$__all"}}


def board(uid, title, description, panels):
    laid = []
    for index, p in enumerate(panels):
        laid.append({
            "id": index + 1, "title": p["title"], "type": p["kind"], "description": p["description"], "datasource": SOURCE,
            "gridPos": {"x": index % 3 * WIDTH, "y": index // 3 * HEIGHT, "w": WIDTH, "h": HEIGHT},
            "fieldConfig": {"defaults": {"unit": p["unit"], "custom": {"fillOpacity": 8, "showPoints": "never"}}, "overrides": []},
            "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
            "targets": [{"refId": chr(ord("A") + i), "expr": expr, "legendFormat": legend, "datasource": SOURCE}
                        for i, (expr, legend) in enumerate(p["queries"])],
        })
    return {
        "uid": uid, "title": title, "description": description, "tags": ["isobar"], "schemaVersion": 38, "version": 1,
        "editable": True, "timezone": "utc", "refresh": "10s", "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [
            {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"},
            variable("service", "label_values(isobar:ready:ratio, service)"),
            variable("symbol", "label_values(isobar:revision:max, symbol)"),
        ]},
        "links": [{"type": "dashboards", "tags": ["isobar"], "title": "Isobar", "asDropdown": True, "includeVars": True, "keepTime": True}],
        "panels": laid,
    }


def boards():
    """{file name without .json: dashboard}."""
    made = {"red": ("Isobar: rate, errors, duration", red), "feeds": ("Isobar: feed health", feeds),
            "freshness": ("Isobar: surface freshness", freshness), "bus": ("Isobar: bus", bus), "symbols": ("Isobar: per symbol", symbols)}
    return {name: board(f"isobar-{name}", title, make.__doc__, make()) for name, (title, make) in made.items()}
