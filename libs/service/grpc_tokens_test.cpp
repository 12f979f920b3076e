#include "service/grpc_tokens.hpp"

#include <gtest/gtest.h>

#include "testing/eventually.hpp"
#include "testing/temp_dir.hpp"

namespace isobar::service {
namespace {

using isobar::testing::eventually;

constexpr const char* reader = "read-me-0123456789abcdef";
constexpr const char* writer = "write-me-0123456789abcdef";

std::string lines(const std::string& first, const std::string& second) {
  return "# clients\n\ndashboard read " + first + "\noperator  full\t" + second + "\n";
}

TEST(GrpcTokens, KnowsTheClientByItsToken) {
  const isobar::testing::temp_dir dir;
  auto tokens = *grpc_tokens::open(dir.write("tokens", lines(reader, writer)).string());
  ASSERT_TRUE(tokens->find(reader));
  EXPECT_EQ(tokens->find(reader)->name, "dashboard");
  EXPECT_EQ(tokens->find(reader)->role, grpc_token::rights::read);
  EXPECT_EQ(tokens->find(writer)->role, grpc_token::rights::full);
  EXPECT_FALSE(tokens->find(""));
  EXPECT_FALSE(tokens->find(std::string(reader) + "x"));
  EXPECT_FALSE(tokens->find(std::string(reader).substr(1)));
}

TEST(GrpcTokens, TakesADigestInPlaceOfTheToken) {
  // printf read-me-0123456789abcdef | sha256sum
  const isobar::testing::temp_dir dir;
  const auto file =
      dir.write("tokens", "d read sha256:c2c3bee036ef6fd8ce027a747a4033ee351f208cf8ca1e688e83a56293bd7147\n");
  EXPECT_TRUE((*grpc_tokens::open(file.string()))->find(reader));
}

TEST(GrpcTokens, NamesTheLineAndNeverTheToken) {
  for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
           {"", "no token"},
           {"a read", "line 1: want NAME"},
           {std::string("a read ") + reader + " more", "line 1: want NAME"},
           {std::string("# x\nb admin ") + reader, "line 2: the role"},
           {"a read hunter2", "fewer than 20"},
           {"a read sha256:hunter2", "64 hexadecimal"},
           {"a read sha256:" + std::string(64, 'G'), "64 hexadecimal"},
           {std::string("a read ") + reader + "\na full " + writer, "line 2: the name was used"}}) {
    const auto parsed = parse_tokens(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_TRUE(parsed.error().evidence.contains(words)) << parsed.error().evidence;
    for (const char* secret : {reader, writer, "hunter2"}) EXPECT_FALSE(parsed.error().evidence.contains(secret));
  }
}

TEST(GrpcTokens, FollowsItsFileAndKeepsWhatItHasWhenThatIsWrong) {
  const isobar::testing::temp_dir dir;
  const auto file = dir.write("tokens", lines(reader, writer));
  auto tokens = *grpc_tokens::open(file.string());
  ASSERT_TRUE(tokens->find(reader));
  dir.write("tokens", lines("another-0123456789abcdefgh", writer));
  EXPECT_TRUE(eventually([&] { return tokens->find("another-0123456789abcdefgh").has_value(); }));
  EXPECT_FALSE(tokens->find(reader));
  dir.write("tokens", "nonsense");
  // Long enough for it to be looked at: what follows is then seen, too, and the tokens stand.
  dir.write("tokens", "still nonsense, of another size");
  EXPECT_FALSE(eventually([&] { return !tokens->find(writer).has_value(); }, std::chrono::milliseconds(1500)));
  std::filesystem::remove(file);
  EXPECT_TRUE(tokens->find(writer));
}

TEST(GrpcTokens, NamesAFileThatIsNotThere) {
  const auto opened = grpc_tokens::open("/nowhere/tokens");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, errc::configuration);
  EXPECT_TRUE(opened.error().evidence.contains("--grpc-tokens: cannot read /nowhere/tokens"));
}

TEST(GrpcTokens, ReadsTheBearerScheme) {
  EXPECT_EQ(bearer("Bearer abc"), "abc");
  EXPECT_EQ(bearer("bearer abc"), "");
  EXPECT_EQ(bearer("Basic abc"), "");
  EXPECT_EQ(bearer(""), "");
}

}  // namespace
}  // namespace isobar::service
