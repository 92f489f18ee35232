// SPDX-License-Identifier: Apache-2.0
// The module `descant._core`: the C interface as Python objects, and nothing more. Rows cross as
// Arrow PyCapsules. The interpreter lock is given up while Descant works; Ctrl-C stops the work.
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "base/arrow_c.h"
#include "capi/descant.h"

namespace nb = nanobind;

namespace {

constexpr const char* kStreamName = "arrow_array_stream";

struct ErrorOwner {
  descant_error error{};
  ErrorOwner() = default;
  ErrorOwner(const ErrorOwner&) = delete;
  ErrorOwner& operator=(const ErrorOwner&) = delete;
  ~ErrorOwner() { descant_error_release(&error); }
};

nb::str text_of(const char* text) {
  const char* given = text == nullptr ? "" : text;
  return nb::steal<nb::str>(PyUnicode_DecodeUTF8(
      given, static_cast<Py_ssize_t>(std::char_traits<char>::length(given)), "replace"));
}

// Raised by Python's own class: descant._errors.raise_error(status, message, hint, where, all).
void raise_error(descant_status status, const descant_error& error) {
  nb::module_::import_("descant._errors")
      .attr("raise_error")(static_cast<int>(status), text_of(error.message), text_of(error.hint),
                           text_of(error.where), text_of(error.all));
  throw nb::python_error();
}

class Project {
 public:
  explicit Project(const std::string& folder) {
    ErrorOwner owner;
    descant_status status = DESCANT_OK;
    {
      const nb::gil_scoped_release released;
      status = descant_open(folder.c_str(), &project_, &owner.error);
    }
    if (status != DESCANT_OK) raise_error(status, owner.error);
  }
  Project(const Project&) = delete;
  Project& operator=(const Project&) = delete;
  ~Project() { descant_close(project_); }
  const descant_project* get() const { return project_; }

 private:
  descant_project* project_ = nullptr;
};

// What the watch's functions reach: a Python callable, and whether Python has raised meanwhile.
struct Watcher {
  nb::object progress;
  bool raised = false;

  static void report(void* context, const char* step, std::uint64_t done, std::uint64_t total,
                     const char* unit) {
    auto& self = *static_cast<Watcher*>(context);
    const nb::gil_scoped_acquire acquired;
    if (self.raised) return;
    PyObject* answer = PyObject_CallFunction(self.progress.ptr(), "sKKs", step,
                                             static_cast<unsigned long long>(done),
                                             static_cast<unsigned long long>(total), unit);
    if (answer == nullptr) self.raised = true;
    Py_XDECREF(answer);
  }

  static int cancelled(void* context) {
    auto& self = *static_cast<Watcher*>(context);
    const nb::gil_scoped_acquire acquired;
    if (!self.raised && PyErr_CheckSignals() != 0) self.raised = true;
    return self.raised ? 1 : 0;
  }
};

void delete_stream(PyObject* capsule) {
  auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule, kStreamName));
  if (stream == nullptr) {
    PyErr_Clear();
    return;
  }
  if (stream->release != nullptr) stream->release(stream);
  delete stream;
}

ArrowArrayStream* stream_of(nb::handle capsule, const std::string& name) {
  auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), kStreamName));
  if (stream == nullptr) {
    PyErr_Clear();
    throw nb::type_error(("the rows of '" + name + "' are no Arrow stream").c_str());
  }
  return stream;
}

// (JSON text, capsule of an Arrow stream or None).
nb::tuple call(const std::string& name, const std::string& request, const Project* project,
               const nb::dict& inputs, const nb::object& progress) {
  std::vector<std::pair<std::string, ArrowArrayStream*>> named;
  for (const auto& [key, capsule] : inputs) {
    auto input = nb::cast<std::string>(key);
    auto* stream = stream_of(capsule, input);
    named.emplace_back(std::move(input), stream);
  }
  std::vector<descant_input> streams;
  for (const auto& [key, stream] : named) streams.push_back({key.c_str(), stream});
  Watcher watcher{progress};
  const descant_watch watch = {&watcher, progress.is_none() ? nullptr : Watcher::report,
                               Watcher::cancelled};
  auto rows = std::make_unique<ArrowArrayStream>();
  char* result = nullptr;
  ErrorOwner owner;
  descant_status status = DESCANT_OK;
  {
    const nb::gil_scoped_release released;
    status =
        descant_call(project == nullptr ? nullptr : project->get(), name.c_str(), request.c_str(),
                     streams.data(), streams.size(), &watch, &result, rows.get(), &owner.error);
  }
  const std::unique_ptr<char, decltype(&descant_free)> text(result, &descant_free);
  if (watcher.raised) {
    if (rows->release != nullptr) rows->release(rows.get());
    throw nb::python_error();
  }
  if (status != DESCANT_OK) raise_error(status, owner.error);
  nb::object capsule = nb::none();
  if (rows->release != nullptr)
    capsule = nb::steal(PyCapsule_New(rows.release(), kStreamName, delete_stream));
  return nb::make_tuple(text_of(text.get()), capsule);
}

}  // namespace

NB_MODULE(_core, module) {
  nb::set_leak_warnings(false);  // a project may live as long as the interpreter
  module.doc() = "The C interface of Descant.";
  module.def("version", &descant_version);
  nb::class_<Project>(module, "Project").def(nb::init<const std::string&>());
  module.def("call", &call, nb::arg("name"), nb::arg("request") = "{}",
             nb::arg("project").none() = nb::none(), nb::arg("inputs") = nb::dict(),
             nb::arg("progress").none() = nb::none());
}
