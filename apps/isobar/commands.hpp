#pragma once

namespace isobar::cli {

// Each command gets argv from its own name on and returns the process's exit code: 0 done, 1 the answer is an error,
// 2 bad usage, 3 cannot start.

/// Every service in one process, on the in-process bus, fed by the simulated market; a status screen until stopped.
int up(int argc, char** argv);
/// Every service in one process over recorded input, as fast as it goes; ends with a summary and the digest.
int replay(int argc, char** argv);
/// Writes a simulated session to files in the vendor's formats.
int simulate(int argc, char** argv);
/// Asks a running suite over gRPC.
int query(int argc, char** argv);
/// Listens to a NATS bus until the pipeline has ended and prints the digest of everything emitted.
int digest(int argc, char** argv);
/// Edits or shows the registry of symbols that shards share out.
int symbols(int argc, char** argv);
/// Fits a calibration table of the radar from recorded sessions.
int calibrate(int argc, char** argv);

}  // namespace isobar::cli
