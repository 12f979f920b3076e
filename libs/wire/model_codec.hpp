#pragma once
#include <string>
#include <string_view>

#include "isobar/model/v1/model.pb.h"
#include "market/model_rows.hpp"
#include "wire/frame.hpp"

namespace isobar::wire {

// Model inputs. header.sequence and WindowRef.window_sequence are the window's sequence; watermark normally its end.
// Quality and times come from the rows' header, producer and watermark from `info`. Decoding goes into a reused struct;
// a heartbeat leaves it without rows.

void to_proto(const market::heatmap_rows& rows, const frame_info& info, model::v1::HeatmapRows& to);
void to_proto(const market::gex_rows& rows, const frame_info& info, model::v1::GexRows& to);
void to_proto(const market::volume_profile_rows& rows, const frame_info& info, model::v1::VolumeProfileRows& to);
/// record_count: trades. At most market::prints_max of them.
void to_proto(const market::flow_rows& rows, const frame_info& info, model::v1::FlowRows& to);

std::string encode_model(const market::heatmap_rows& rows, const frame_info& info);
std::string encode_model(const market::gex_rows& rows, const frame_info& info);
std::string encode_model(const market::volume_profile_rows& rows, const frame_info& info);
std::string encode_model(const market::flow_rows& rows, const frame_info& info);

result<frame_info, errc> decode_model(std::string_view bytes, market::heatmap_rows& into);
result<frame_info, errc> decode_model(std::string_view bytes, market::gex_rows& into);
result<frame_info, errc> decode_model(std::string_view bytes, market::volume_profile_rows& into);
result<frame_info, errc> decode_model(std::string_view bytes, market::flow_rows& into);

}  // namespace isobar::wire
