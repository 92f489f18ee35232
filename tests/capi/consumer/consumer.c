// SPDX-License-Identifier: Apache-2.0
#include <descant.h>
#include <stdio.h>

int main(void) {
  char* result = NULL;
  const char* request = "{\"counts\": [50421, 49579], \"expected\": [0.5, 0.5]}";
  if (descant_call(NULL, "sample_ratio_test", request, NULL, 0, NULL, &result, NULL, NULL)) return 1;
  puts(result);
  descant_free(result);
}
