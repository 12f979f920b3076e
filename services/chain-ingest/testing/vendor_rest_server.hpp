#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "market/raw_chain.hpp"

namespace isobar::chain_ingest::testing {

/// How the server misbehaves on one request; default: not at all.
struct fault {
  int status = 0;                                    ///< answer this instead of 200
  std::string retry_after{};                         ///< header, when not empty
  std::optional<std::string> body{};                 ///< instead of the real one
  std::function<std::string(std::string)> change{};  ///< applied to the real body
  std::chrono::milliseconds delay{0};                ///< before answering
  bool truncate = false;                             ///< promise the whole body, send half, close
  bool drip = false;                                 ///< one byte every 20 ms
  bool hang_up = false;                              ///< close without an answer
};

/// A local server in the shape of the vendor's REST interface that serves one chain: filters, sorting, pages of `limit`
/// joined by next_url, key required on every request (401 otherwise).
class vendor_rest_server {
 public:
  struct market_data {
    market::raw_chain chain;
    std::string underlying = "I:SPX";
    price vix = market::no_price;  ///< no_price: 404
  };
  explicit vendor_rest_server(market_data data, std::string key = "k3y");
  ~vendor_rest_server();

  std::string base_url() const;
  /// Called for each request (its target and number from 1) before it is answered; from the server's threads.
  void on_request(std::function<fault(const std::string& target, std::size_t number)> hook);
  /// Targets so far.
  std::vector<std::string> requests() const;
  void set_data(market_data data);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::chain_ingest::testing
