// SPDX-License-Identifier: Apache-2.0
#pragma once

// Descant for other languages: everything it answers, by name, with JSON for questions and results
// and Arrow C streams for rows. C11 and later, C++ too.
//
// A name is an operation ("mean_difference") or a question ("analyze_units", "refresh"); the
// question "describe" lists both with a JSON Schema of each request and result. Text is UTF-8 and
// ends with a 0 byte. Nothing is thrown, printed or aborted: a call returns DESCANT_OK, or another
// status and a filled error that its caller owns. Every function may be called from any thread, and
// one project from several at once. Undefined numbers are null in JSON.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DESCANT_API __attribute__((visibility("default")))
#else
#define DESCANT_API
#endif

struct ArrowArrayStream;  // as the Arrow C stream interface defines it

typedef enum descant_status {
  DESCANT_OK = 0,
  DESCANT_INVALID_REQUEST = 1,     // a name, a field or an argument is wrong
  DESCANT_INVALID_DEFINITION = 2,  // a definition in a project's YAML is wrong
  DESCANT_NOT_FOUND = 3,           // a named thing does not exist
  DESCANT_INVALID_DATA = 4,        // the data contradict what was said about them
  DESCANT_CORRUPT = 5,             // a stored file is damaged
  DESCANT_LOCKED = 6,              // another process is writing
  DESCANT_IO = 7,                  // the operating system refused, or memory ran out
  DESCANT_CANCELLED = 8,           // the caller asked to stop
  DESCANT_INTERNAL = 9             // a bug of Descant
} descant_status;

// What went wrong, what to do about it, and where it is: a field's path, or file:line:column. Start
// from zeros; release after a status other than DESCANT_OK. Members are never null then.
typedef struct descant_error {
  descant_status status;
  char* message;
  char* hint;
  char* where;
  char* all;  // JSON: a list of {code, message, hint, where}, when there are several errors
} descant_error;

// Rows that go into a call, under the name the question or operation gives them. The stream is
// taken over: whatever the call returns, it has been released and its `release` is null.
typedef struct descant_input {
  const char* name;
  struct ArrowArrayStream* stream;
} descant_input;

// How a long call is watched. Both functions may be null. They are called on the thread that made
// the call, about twenty times a second, and may take their time. `total` is 0 when it is unknown.
typedef struct descant_watch {
  void* context;
  void (*progress)(void* context, const char* step, uint64_t done, uint64_t total,
                   const char* unit);
  int (*cancelled)(void* context);  // other than 0: stop as soon as possible
} descant_watch;

typedef struct descant_project descant_project;

// "0.1.0"; never released.
DESCANT_API const char* descant_version(void);

// Opens the project in a folder, whose definitions must be in order. Definitions are read anew by
// every call, so a project that changes while it is open answers by what it is now.
DESCANT_API descant_status descant_open(const char* folder, descant_project** project,
                                        descant_error* error);
DESCANT_API void descant_close(descant_project* project);  // null is fine

// Asks. `project` is null where the question needs none; `request` null is {}. On success `*result`
// is a JSON object to be given to descant_free, and `*rows`, of which `release` must be null
// before, holds the rows of an answer that has any. `watch`, `result` and `rows` may be null.
DESCANT_API descant_status descant_call(const descant_project* project, const char* name,
                                        const char* request, const descant_input* inputs,
                                        size_t input_count, const descant_watch* watch,
                                        char** result, struct ArrowArrayStream* rows,
                                        descant_error* error);

DESCANT_API void descant_free(char* text);                     // null is fine
DESCANT_API void descant_error_release(descant_error* error);  // leaves zeros

#ifdef __cplusplus
}  // extern "C"
#endif
