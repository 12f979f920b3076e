#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "wire/dbn/error.hpp"

namespace isobar::wire::dbn {

/// Where bytes go.
class byte_sink {
 public:
  virtual ~byte_sink() = default;
  virtual result<void, errc> write(std::string_view bytes) = 0;
  /// No more comes: everything is handed to the system, and late errors are told.
  virtual result<void, errc> close() = 0;
};

/// Appends to a string of the caller's, which must outlive the sink.
class string_sink final : public byte_sink {
 public:
  explicit string_sink(std::string& out) : out_(out) {}
  result<void, errc> write(std::string_view bytes) override;
  result<void, errc> close() override { return {}; }

 private:
  std::string& out_;
};

/// A file, created or emptied. Without close() the end of its life closes it and late errors are lost.
class file_sink final : public byte_sink {
 public:
  static result<std::unique_ptr<file_sink>, errc> create(const std::filesystem::path& path);
  ~file_sink() override;
  file_sink(const file_sink&) = delete;
  file_sink& operator=(const file_sink&) = delete;

  result<void, errc> write(std::string_view bytes) override;
  result<void, errc> close() override;

 private:
  file_sink(int descriptor, std::string name);
  int descriptor_;
  std::string name_;
};

}  // namespace isobar::wire::dbn
