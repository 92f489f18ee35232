// SPDX-License-Identifier: Apache-2.0
#include "capi/descant.h"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <optional>

#include "base/version.h"
#include "capi/question.h"
#include "capi/watched.h"
#include "definitions/load.h"

struct descant_project {
  std::string folder;
};

namespace {

using namespace descant;

char* copy_text(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

descant_status status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidRequest:
      return DESCANT_INVALID_REQUEST;
    case ErrorCode::kInvalidDefinition:
      return DESCANT_INVALID_DEFINITION;
    case ErrorCode::kNotFound:
      return DESCANT_NOT_FOUND;
    case ErrorCode::kInvalidData:
      return DESCANT_INVALID_DATA;
    case ErrorCode::kCorrupt:
      return DESCANT_CORRUPT;
    case ErrorCode::kLocked:
      return DESCANT_LOCKED;
    case ErrorCode::kIo:
      return DESCANT_IO;
    case ErrorCode::kCancelled:
      return DESCANT_CANCELLED;
    case ErrorCode::kInternal:
      return DESCANT_INTERNAL;
  }
  return DESCANT_INTERNAL;
}

Json json_of(const Error& error) {
  return {{"code", std::string(error_code_name(error.code))},
          {"message", error.message},
          {"hint", error.hint},
          {"where", error.where}};
}

descant_status fail(const Error& first, const Json& all, descant_error* error) {
  const descant_status status = status_of(first.code);
  if (error == nullptr) return status;
  *error = {status, copy_text(first.message), copy_text(first.hint), copy_text(first.where),
            copy_text(write_json(all))};
  return status;
}

descant_status fail(const Error& failure, descant_error* error) {
  return fail(failure, Json::array({json_of(failure)}), error);
}

// The one place where nothing more is thrown.
template <class Function>
descant_status guarded(descant_error* error, const Function& function) {
  try {
    try {
      return function();
    } catch (const std::bad_alloc&) {
      return fail(io_error("out of memory", {}, "Use fewer rows at a time."), error);
    } catch (const std::exception& thrown) {
      return fail(internal_error(thrown.what()), error);
    }
  } catch (...) {  // not even the words for it
    if (error != nullptr) *error = {DESCANT_INTERNAL, nullptr, nullptr, nullptr, nullptr};
    return DESCANT_INTERNAL;
  }
}

// Gives back every input that the call did not take, on every path.
class TakenInputs {
 public:
  TakenInputs(const descant_input* inputs, std::size_t count) : inputs_(inputs), count_(count) {}
  TakenInputs(const TakenInputs&) = delete;
  TakenInputs& operator=(const TakenInputs&) = delete;
  ~TakenInputs() {
    for (std::size_t i = 0; i < count_; ++i) {
      ArrowArrayStream* stream = inputs_[i].stream;
      if (stream == nullptr || stream->release == nullptr) continue;
      stream->release(stream);
      stream->release = nullptr;
    }
  }

  Result<void> name(std::map<std::string, ArrowArrayStream*>& streams) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (inputs_[i].name == nullptr || inputs_[i].stream == nullptr)
        return invalid_request("an input lacks its name or its stream", "inputs");
      if (!streams.emplace(inputs_[i].name, inputs_[i].stream).second)
        return invalid_request("two inputs have one name", inputs_[i].name);
    }
    return {};
  }

 private:
  const descant_input* inputs_;
  std::size_t count_;
};

Result<Json> run(capi::Call& call, const char* name, const char* request) {
  DESCANT_ASSIGN(const Json json, request == nullptr ? Result<Json>(Json::object())
                                                     : parse_json(request, "request"));
  return capi::answer(call, name, json);
}

Result<Json> run_caught(capi::Call& call, const char* name, const char* request) {
  try {
    return run(call, name, request);
  } catch (const std::bad_alloc&) {
    return io_error("out of memory", name, "Use fewer rows at a time.");
  } catch (const std::exception& thrown) {
    return internal_error(thrown.what(), name);
  }
}

void release_rows(ArrowArrayStream& rows) {
  if (rows.release != nullptr) rows.release(&rows);
}

}  // namespace

const char* descant_version(void) {
  static const std::string version(kVersion);
  return version.c_str();
}

descant_status descant_open(const char* folder, descant_project** project, descant_error* error) {
  return guarded(error, [&] {
    if (folder == nullptr || project == nullptr)
      return fail(invalid_request("no folder was given", "folder"), error);
    const auto loaded = definitions::load_project(folder);
    if (!loaded.errors.empty()) {
      Json all = Json::array();
      for (const auto& one : loaded.errors) all.push_back(json_of(one));
      return fail(loaded.errors.front(), all, error);
    }
    *project = new descant_project{std::filesystem::absolute(folder).string()};
    return DESCANT_OK;
  });
}

void descant_close(descant_project* project) { delete project; }

descant_status descant_call(const descant_project* project, const char* name, const char* request,
                            const descant_input* inputs, size_t input_count,
                            const descant_watch* watch, char** result, ArrowArrayStream* rows,
                            descant_error* error) {
  const TakenInputs taken(inputs, inputs == nullptr ? 0 : input_count);
  return guarded(error, [&]() -> descant_status {
    if (name == nullptr) return fail(invalid_request("nothing was asked", "name"), error);
    capi::Call call;
    if (project != nullptr) call.folder = project->folder;
    if (auto named = taken.name(call.inputs); !named) return fail(named.error(), error);
    std::optional<Result<Json>> answer;
    capi::run_watched(watch, [&](const Watch& inner) {
      call.watch = inner;
      answer = run_caught(call, name, request);
      call.watch = {};
    });
    if (!*answer) {
      release_rows(call.rows);
      return fail(answer->error(), error);
    }
    if (rows != nullptr)
      *rows = call.rows;
    else
      release_rows(call.rows);
    if (result != nullptr) *result = copy_text(write_json(**answer));
    return DESCANT_OK;
  });
}

void descant_free(char* text) { std::free(text); }

void descant_error_release(descant_error* error) {
  if (error == nullptr) return;
  for (char* text : {error->message, error->hint, error->where, error->all}) std::free(text);
  *error = {};
}
