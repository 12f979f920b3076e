// Holds proto/subjects.yaml, libs/wire/subjects.hpp and the .proto files together: a subject, key or message that is in
// one and not in the others fails here.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "service/grpc_access.hpp"
#include "wire/subjects.hpp"

namespace isobar {
namespace {

using rows = std::vector<std::string>;

const YAML::Node& file() {
  static const YAML::Node node = YAML::LoadFile(ISOBAR_SOURCE_DIR "/proto/subjects.yaml");
  return node;
}

// A YAML value that is one word or a list of words.
rows words(const YAML::Node& node) {
  if (node.IsScalar()) return {node.as<std::string>()};
  return node.as<rows>();
}

// The .proto files as protoc reads them; no generated code takes part.
class proto_files {
 public:
  proto_files() {
    std::ifstream in(ISOBAR_DESCRIPTORS, std::ios::binary);
    EXPECT_TRUE(set_.ParseFromIstream(&in)) << ISOBAR_DESCRIPTORS;
    for (const auto& one : set_.file()) EXPECT_NE(pool_.BuildFile(one), nullptr) << one.name();
  }
  const auto& files() const { return set_.file(); }
  const google::protobuf::Descriptor* message(const std::string& name) const {
    return pool_.FindMessageTypeByName(name);
  }

 private:
  google::protobuf::FileDescriptorSet set_;
  google::protobuf::DescriptorPool pool_;
};

TEST(SubjectsContract, FileAndCodeListTheSameSubjectsInTheSameOrder) {
  rows in_file, in_code;
  for (const auto& entry : file()["subjects"]) {
    in_file.push_back(entry["subject"].as<std::string>() + " " + entry["message"].as<std::string>());
  }
  for (const auto& entry : subjects::all_subjects) {
    in_code.push_back(std::string(entry.pattern) + " " + std::string(entry.message));
  }
  EXPECT_EQ(in_file, in_code);
}

TEST(SubjectsContract, FileAndCodeListTheSameKeysInTheSameOrder) {
  rows in_file, in_code;
  for (const auto& bucket : file()["buckets"]) {
    for (const auto& key : words(bucket["keys"])) {
      in_file.push_back(bucket["bucket"].as<std::string>() + " " + key + " " + bucket["message"].as<std::string>());
    }
  }
  for (const auto& entry : subjects::all_keys) {
    in_code.push_back(std::string(entry.bucket) + " " + std::string(entry.key) + " " + std::string(entry.message));
  }
  EXPECT_EQ(in_file, in_code);
}

TEST(SubjectsContract, FileAndCodeAgreeOnWhatIsOneSequence) {
  std::size_t i = 0;
  for (const auto& entry : file()["subjects"]) {
    const subjects::kind k = subjects::all_subjects.at(i++).kind;
    EXPECT_EQ(subjects::sequenced(k), entry["order"].as<std::string>() == "header.sequence") << entry["subject"];
  }
}

TEST(SubjectsContract, EveryMessageExistsAndEveryOrderedOneCarriesTheFrameHeader) {
  const proto_files protos;
  for (const auto& entry : file()["subjects"]) {
    const auto name = entry["message"].as<std::string>();
    const auto* message = protos.message(name);
    ASSERT_NE(message, nullptr) << name;
    if (!entry["order"].as<std::string>().starts_with("header.sequence")) continue;
    const auto* header = message->FindFieldByName("header");
    ASSERT_NE(header, nullptr) << name << " has no header";
    EXPECT_EQ(header->message_type()->full_name(), "isobar.common.v1.FrameHeader") << name;
  }
  for (const auto& bucket : file()["buckets"]) {
    EXPECT_NE(protos.message(bucket["message"].as<std::string>()), nullptr) << bucket["message"];
  }
}

TEST(AccessContract, ATokenForQueriesMayNotCallTheMethodsThatChangeSomething) {
  const proto_files protos;
  rows changing;
  std::size_t queries = 0;
  for (const auto& file : protos.files()) {
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        const std::string path = "/" + file.package() + "." + service.name() + "/" + method.name();
        if (service::is_query(path))
          ++queries;
        else
          changing.push_back(path);
      }
    }
  }
  // A new line here is a method that clients with a token of role `read` may not call. It must refuse an empty request.
  EXPECT_EQ(changing,
            (rows{"/isobar.level.v1.LevelService/AddUserLevel", "/isobar.level.v1.LevelService/RemoveUserLevel"}));
  EXPECT_GT(queries, 20u);
}

TEST(SubjectsContract, SubjectsFollowTheNamingRuleAndAreUnique) {
  std::set<std::string> seen;
  for (const auto& entry : file()["subjects"]) {
    const auto text = entry["subject"].as<std::string>();
    EXPECT_TRUE(seen.insert(text).second) << text;
    // isobar.<domain>.<venue>.<symbol>.<kind>, and the domain is the message's package.
    EXPECT_TRUE(text.starts_with("isobar.")) << text;
    EXPECT_EQ(std::ranges::count(text, '.'), 4) << text;
    EXPECT_NE(text.find(".{venue}.{symbol}."), std::string::npos) << text;
    for (const char c : text)
      EXPECT_TRUE((c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '{' || c == '}') << text;
  }
}

TEST(SubjectsContract, ProducersAndConsumersAreServices) {
  // gamma-fuel and ml-gate are named by the architecture; until they are here, whoever has their frames says them.
  const std::set<std::string> services{"chain-ingest",    "epoch-manager", "ws-hydrator", "decomposer",
                                       "heatmap-builder", "colorizer",     "feed-ingest", "radar-physics",
                                       "gamma-fuel",      "ml-gate"};
  for (const auto& entry : file()["subjects"]) {
    const auto producers = words(entry["producer"]);
    EXPECT_FALSE(producers.empty()) << entry["subject"];
    for (const auto& name : producers) EXPECT_TRUE(services.contains(name)) << name;
    for (const auto& name : words(entry["consumers"])) EXPECT_TRUE(services.contains(name)) << name;
  }
  for (const auto& bucket : file()["buckets"]) {
    for (const auto& name : words(bucket["writer"])) EXPECT_TRUE(services.contains(name)) << name;
    ASSERT_TRUE(bucket["readers"].IsDefined()) << bucket["bucket"] << ": say who reads, or []";
    for (const auto& name : words(bucket["readers"])) EXPECT_TRUE(services.contains(name)) << name;
  }
}

}  // namespace
}  // namespace isobar
