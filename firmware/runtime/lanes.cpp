// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/lanes.h"

#include <memory>

#include "core/base/assert.h"

namespace bivouac::firmware {

struct Lanes::Request {
  uv_work_t handle{};
  Lanes* owner = nullptr;
  std::size_t lane = 0;
  Item item;
};

void Lanes::submit(std::size_t lane, Work work, Work done) {
  BIVOUAC_ASSERT(lane < count_);
  lanes_[lane].waiting.push_back({std::move(work), std::move(done)});
  ++pending_;
  if (!lanes_[lane].busy) start(lane);
}

void Lanes::start(std::size_t lane) {
  auto request = std::make_unique<Request>();
  request->owner = this;
  request->lane = lane;
  request->item = std::move(lanes_[lane].waiting.front());
  request->handle.data = request.get();
  lanes_[lane].waiting.pop_front();
  lanes_[lane].busy = true;
  const int code = uv_queue_work(
      loop_, &request->handle,
      [](uv_work_t* handle) { static_cast<Request*>(handle->data)->item.work(); },
      [](uv_work_t* handle, int) {
        const std::unique_ptr<Request> finished(static_cast<Request*>(handle->data));
        Lanes& lanes = *finished->owner;
        Lane& own = lanes.lanes_[finished->lane];
        own.busy = false;
        --lanes.pending_;
        if (!own.waiting.empty()) lanes.start(finished->lane);
        finished->item.done();
      });
  BIVOUAC_ASSERT(code == 0);
  static_cast<void>(request.release());  // now the callback's
}

}  // namespace bivouac::firmware
