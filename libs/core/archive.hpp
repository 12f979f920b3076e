#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/types.hpp"

/// State to bytes and back, for checkpoints: little-endian, no padding, bounded. A struct says its fields once:
///
///   template <class Archive> void fields(Archive& a) { a(count, last, levels); }
///
/// and archive_writer and archive_reader both follow it. Versions and rules' ids are the caller's first fields.
namespace isobar {

namespace detail {
template <class T>
concept scalar = std::is_arithmetic_v<T> || std::is_enum_v<T>;
/// Strong types of core/types.hpp.
template <class T>
concept wrapped = requires(T t) { t.value; } && sizeof(T) == 8 && !requires(T t) { t.has_value(); };
template <class T>
concept instant = requires(T t) { t.ns; } && sizeof(T) == 8;
/// core/date.hpp.
template <class T>
concept calendar_day = requires(T t) { t.days; } && sizeof(T) == 4;
}  // namespace detail

/// Appends to a string.
class archive_writer {
 public:
  explicit archive_writer(std::string& out) : out_(&out) {}
  template <class... T>
  void operator()(const T&... field) {
    (put(field), ...);
  }

 private:
  template <detail::scalar T>
  void put(const T& v) {
    static_assert(std::endian::native == std::endian::little);
    out_->append(reinterpret_cast<const char*>(&v), sizeof v);
  }
  template <detail::wrapped T>
  void put(const T& v) {
    put(v.value);
  }
  template <detail::instant T>
  void put(const T& v) {
    put(v.ns);
  }
  template <detail::calendar_day T>
  void put(const T& v) {
    put(v.days);
  }
  void put(const std::string& v) {
    put(static_cast<std::uint64_t>(v.size()));
    out_->append(v);
  }
  template <class T>
  void put(const std::optional<T>& v) {
    put(v.has_value());
    if (v) put(*v);
  }
  template <class T, std::size_t N>
  void put(const std::array<T, N>& v) {
    for (const T& x : v) put(x);
  }
  template <class T>
  void put(const std::vector<T>& v) {
    put_each(v);
  }
  template <class T>
  void put(const std::deque<T>& v) {
    put_each(v);
  }
  template <class K, class V, class C>
  void put(const std::map<K, V, C>& v) {
    put_each(v);
  }
  template <class A, class B>
  void put(const std::pair<A, B>& v) {
    put(v.first);
    put(v.second);
  }
  template <class T>
    requires requires(T& t, archive_writer& a) { t.fields(a); }
  void put(const T& v) {
    const_cast<T&>(v).fields(*this);  // fields() serves both directions; writing changes nothing
  }
  template <class Sequence>
  void put_each(const Sequence& v) {
    put(static_cast<std::uint64_t>(v.size()));
    for (const auto& x : v) put(x);
  }

  std::string* out_;
};

/// Reads what archive_writer wrote. Never beyond the bytes: after the first shortage ok() is false and fields are left
/// as they were. Sequences longer than the bytes that are left are a shortage, so hostile lengths allocate nothing.
class archive_reader {
 public:
  explicit archive_reader(std::string_view bytes) : rest_(bytes) {}
  template <class... T>
  void operator()(T&... field) {
    (get(field), ...);
  }
  bool ok() const { return ok_; }
  /// Everything was read and nothing was short.
  bool finished() const { return ok_ && rest_.empty(); }
  /// For values that contradict each other: makes ok() false.
  void refuse() { ok_ = false; }

 private:
  template <detail::scalar T>
  void get(T& v) {
    if (rest_.size() < sizeof v) ok_ = false;
    if (!ok_) return;
    if constexpr (std::is_same_v<T, bool>) {
      v = rest_.front() != 0;
    } else {
      rest_.copy(reinterpret_cast<char*>(&v), sizeof v);
    }
    rest_.remove_prefix(sizeof v);
  }
  template <detail::wrapped T>
  void get(T& v) {
    get(v.value);
  }
  template <detail::instant T>
  void get(T& v) {
    get(v.ns);
  }
  template <detail::calendar_day T>
  void get(T& v) {
    get(v.days);
  }
  void get(std::string& v) {
    const std::size_t n = length();
    v.assign(rest_.substr(0, n));
    rest_.remove_prefix(n);
  }
  template <class T>
  void get(std::optional<T>& v) {
    bool present = false;
    get(present);
    v.reset();
    if (present && ok_) get(v.emplace());
  }
  template <class T, std::size_t N>
  void get(std::array<T, N>& v) {
    for (T& x : v) get(x);
  }
  template <class T>
  void get(std::vector<T>& v) {
    get_each(v);
  }
  template <class T>
  void get(std::deque<T>& v) {
    get_each(v);
  }
  template <class K, class V, class C>
  void get(std::map<K, V, C>& v) {
    v.clear();
    for (std::size_t n = length(); n > 0 && ok_; --n) {
      std::pair<K, V> entry{};
      get(entry.first);
      get(entry.second);
      if (ok_) v.insert(std::move(entry));
    }
  }
  template <class A, class B>
  void get(std::pair<A, B>& v) {
    get(v.first);
    get(v.second);
  }
  template <class T>
    requires requires(T& t, archive_reader& a) { t.fields(a); }
  void get(T& v) {
    v.fields(*this);
  }
  template <class Sequence>
  void get_each(Sequence& v) {
    v.clear();
    for (std::size_t n = length(); n > 0 && ok_; --n) {
      typename Sequence::value_type x{};
      get(x);
      if (ok_) v.push_back(std::move(x));
    }
  }
  /// Each element takes a byte at least.
  std::size_t length() {
    std::uint64_t n = 0;
    get(n);
    if (n > rest_.size()) ok_ = false;
    return ok_ ? static_cast<std::size_t>(n) : 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace isobar
