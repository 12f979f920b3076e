#pragma once

namespace isobar::service {

/// Exit codes of every Isobar process; an app's request_stop may give others.
inline constexpr int exit_ok = 0;
inline constexpr int exit_configuration = 2;  ///< unknown option, bad value, options that contradict each other
inline constexpr int exit_cannot_start = 3;  ///< port in use, data directory not writable, bus options that cannot work
inline constexpr int exit_bus_ended = 4;     ///< the NATS server refused the credentials twice in a row
inline constexpr int exit_watchdog = 70;     ///< the drain took longer than --drain-ms, or a second signal came

}  // namespace isobar::service
