// SPDX-License-Identifier: Apache-2.0
// The C interface as a program in plain C uses it: versions, operations, rows in and out, errors,
// cancelling, several threads. Ends with status 1 and the line of the first failed expectation.
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrow_c.h"
#include "descant.h"

#define EXPECT(condition)                                                \
  do {                                                                   \
    if (!(condition)) {                                                  \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
      exit(1);                                                           \
    }                                                                    \
  } while (0)

// ---- a stream of two columns, made by hand: variant (text) and minutes (doubles) ----

#define ROWS 1000

typedef struct table {
  int batches_left;
  int32_t offsets[ROWS + 1];
  char letters[ROWS];
  double minutes[ROWS];
  const void* text_buffers[3];
  const void* number_buffers[2];
  const void* row_buffers[1];
  struct ArrowArray columns[2];
  struct ArrowArray* column_pointers[2];
  struct ArrowSchema fields[2];
  struct ArrowSchema* field_pointers[2];
  int* released;
} table;

static void keep_schema(struct ArrowSchema* schema) { schema->release = NULL; }
static void keep_array(struct ArrowArray* array) { array->release = NULL; }

static int table_schema(struct ArrowArrayStream* stream, struct ArrowSchema* out) {
  table* rows = stream->private_data;
  const char* names[2] = {"variant", "minutes"};
  const char* formats[2] = {"u", "g"};
  for (int i = 0; i < 2; ++i) {
    memset(&rows->fields[i], 0, sizeof(struct ArrowSchema));
    rows->fields[i].format = formats[i];
    rows->fields[i].name = names[i];
    rows->fields[i].release = keep_schema;
    rows->field_pointers[i] = &rows->fields[i];
  }
  memset(out, 0, sizeof(*out));
  out->format = "+s";
  out->n_children = 2;
  out->children = rows->field_pointers;
  out->release = keep_schema;
  return 0;
}

static int table_next(struct ArrowArrayStream* stream, struct ArrowArray* out) {
  table* rows = stream->private_data;
  memset(out, 0, sizeof(*out));
  if (rows->batches_left == 0) return 0;
  --rows->batches_left;
  rows->text_buffers[1] = rows->offsets;
  rows->text_buffers[2] = rows->letters;
  rows->number_buffers[1] = rows->minutes;
  for (int i = 0; i < 2; ++i) {
    struct ArrowArray* column = &rows->columns[i];
    memset(column, 0, sizeof(*column));
    column->length = ROWS;
    column->n_buffers = i == 0 ? 3 : 2;
    column->buffers = i == 0 ? rows->text_buffers : rows->number_buffers;
    column->release = keep_array;
    rows->column_pointers[i] = column;
  }
  out->length = ROWS;
  out->n_buffers = 1;
  out->buffers = rows->row_buffers;
  out->n_children = 2;
  out->children = rows->column_pointers;
  out->release = keep_array;
  return 0;
}

static const char* table_error(struct ArrowArrayStream* stream) {
  (void)stream;
  return NULL;
}

static void table_release(struct ArrowArrayStream* stream) {
  table* rows = stream->private_data;
  if (rows->released != NULL) ++*rows->released;
  free(rows);
  stream->release = NULL;
}

static struct ArrowArrayStream make_table(int batches, int* released) {
  table* rows = calloc(1, sizeof(table));
  EXPECT(rows != NULL);
  rows->batches_left = batches;
  rows->released = released;
  for (int i = 0; i < ROWS; ++i) {
    rows->offsets[i + 1] = i + 1;
    rows->letters[i] = i % 2 == 0 ? 'A' : 'B';
    rows->minutes[i] = i % 7 + (i % 2 == 0 ? 0.0 : 0.5);
  }
  struct ArrowArrayStream stream = {table_schema, table_next, table_error, table_release, rows};
  return stream;
}

static const char* kAnalyze =
    "{\"variant\": \"variant\", \"control\": \"A\", \"metrics\": [{\"name\": \"minutes\","
    " \"type\": \"mean\", \"numerator\": \"minutes\"}]}";

// ---- what is expected ----

static void answers_an_operation(void) {
  char* result = NULL;
  descant_error error = {0};
  const char* request =
      "{\"control\": {\"n\": 100, \"mean\": 10, \"variance\": 4},"
      " \"treatment\": {\"n\": 90, \"mean\": 11, \"variance\": 5}}";
  EXPECT(descant_call(NULL, "mean_difference", request, NULL, 0, NULL, &result, NULL, &error) ==
         DESCANT_OK);
  EXPECT(strstr(result, "\"method\":\"welch\"") != NULL);
  descant_free(result);
}

static void errors_say_what_where_and_what_to_do(void) {
  descant_error error = {0};
  EXPECT(descant_call(NULL, "mean_diference", "{}", NULL, 0, NULL, NULL, NULL, &error) ==
         DESCANT_NOT_FOUND);
  EXPECT(strcmp(error.hint, "Did you mean 'mean_difference'?") == 0);
  descant_error_release(&error);
  EXPECT(error.message == NULL);
  EXPECT(descant_call(NULL, "power", "{", NULL, 0, NULL, NULL, NULL, &error) ==
         DESCANT_INVALID_REQUEST);
  EXPECT(strstr(error.all, "not valid JSON") != NULL);
  descant_error_release(&error);
  EXPECT(descant_call(NULL, "status", NULL, NULL, 0, NULL, NULL, NULL, NULL) ==
         DESCANT_INVALID_REQUEST);
  EXPECT(descant_call(NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL) ==
         DESCANT_INVALID_REQUEST);
  descant_project* project = NULL;
  EXPECT(descant_open("no/such/folder", &project, &error) != DESCANT_OK);
  EXPECT(project == NULL && error.message[0] != '\0');
  descant_error_release(&error);
  descant_close(NULL);
}

static void analyses_rows_and_releases_them(void) {
  int released = 0;
  struct ArrowArrayStream stream = make_table(3, &released);
  descant_input input = {"units", &stream};
  descant_error error = {0};
  char* result = NULL;
  EXPECT(descant_call(NULL, "analyze_units", kAnalyze, &input, 1, NULL, &result, NULL, &error) ==
         DESCANT_OK);
  EXPECT(strstr(result, "\"units\":1500") != NULL);
  descant_free(result);
  EXPECT(released == 1 && stream.release == NULL);
  EXPECT(descant_call(NULL, "analyze_units", kAnalyze, &input, 1, NULL, &result, NULL, &error) ==
         DESCANT_INVALID_REQUEST);  // used before
  EXPECT(strstr(error.message, "used before") != NULL);
  descant_error_release(&error);
  stream = make_table(1, &released);  // not taken by a question that has no such input
  EXPECT(descant_call(NULL, "describe", NULL, &input, 1, NULL, NULL, NULL, NULL) == DESCANT_OK);
  EXPECT(released == 2 && stream.release == NULL);
}

static void operations_take_rows(void) {
  struct ArrowArrayStream control = make_table(1, NULL);
  struct ArrowArrayStream treatment = make_table(1, NULL);
  descant_input inputs[2] = {{"control", &control}, {"treatment", &treatment}};
  descant_error error = {0};
  // The columns are named variant and minutes, which no sample has.
  EXPECT(descant_call(NULL, "mean_difference", NULL, inputs, 2, NULL, NULL, NULL, &error) ==
         DESCANT_INVALID_REQUEST);
  EXPECT(strstr(error.message, "unknown field") != NULL);
  descant_error_release(&error);
  EXPECT(control.release == NULL && treatment.release == NULL);
}

static int stop_at_once(void* context) {
  ++*(int*)context;
  return 1;
}

static void a_call_can_be_cancelled(void) {
  int asked = 0;
  descant_watch watch = {&asked, NULL, stop_at_once};
  struct ArrowArrayStream stream = make_table(2000000, NULL);  // far more than it will read
  descant_input input = {"units", &stream};
  descant_error error = {0};
  EXPECT(descant_call(NULL, "analyze_units", kAnalyze, &input, 1, &watch, NULL, NULL, &error) ==
         DESCANT_CANCELLED);
  EXPECT(asked > 0);
  descant_error_release(&error);
}

static void* ask_often(void* unused) {
  (void)unused;
  for (int i = 0; i < 50; ++i) {
    answers_an_operation();
    errors_say_what_where_and_what_to_do();
    analyses_rows_and_releases_them();
  }
  return NULL;
}

static void threads_may_ask_at_once(void) {
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) EXPECT(pthread_create(&threads[i], NULL, ask_often, NULL) == 0);
  for (int i = 0; i < 4; ++i) EXPECT(pthread_join(threads[i], NULL) == 0);
}

static void a_project_answers(const char* folder) {
  descant_project* project = NULL;
  descant_error error = {0};
  EXPECT(descant_open(folder, &project, &error) == DESCANT_OK);
  struct ArrowArrayStream rows = {0};
  char* result = NULL;
  EXPECT(descant_call(project, "sql", "{\"query\": \"SELECT count(*) AS n FROM plays\"}", NULL, 0,
                      NULL, &result, &rows, &error) == DESCANT_OK);
  struct ArrowSchema schema;
  EXPECT(rows.get_schema(&rows, &schema) == 0);
  EXPECT(strcmp(schema.children[0]->name, "n") == 0);
  schema.release(&schema);
  struct ArrowArray batch;
  EXPECT(rows.get_next(&rows, &batch) == 0);
  EXPECT(batch.length == 1 && ((const int64_t*)batch.children[0]->buffers[1])[0] > 0);
  batch.release(&batch);
  EXPECT(rows.get_next(&rows, &batch) == 0 && batch.release == NULL);
  rows.release(&rows);
  descant_free(result);
  EXPECT(descant_call(project, "sql", "{\"query\": \"SELECT x FROM plays\"}", NULL, 0, NULL, NULL,
                      &rows, &error) != DESCANT_OK);
  EXPECT(rows.release == NULL);
  descant_error_release(&error);
  descant_close(project);
}

int main(int count, char** arguments) {
  EXPECT(strlen(descant_version()) >= 5);
  answers_an_operation();
  errors_say_what_where_and_what_to_do();
  analyses_rows_and_releases_them();
  operations_take_rows();
  a_call_can_be_cancelled();
  threads_may_ask_at_once();
  a_project_answers(count > 1 ? arguments[1] : "tests/golden/data/small");
  puts("1 passed, 0 failed");
  return 0;
}
