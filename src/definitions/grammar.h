// SPDX-License-Identifier: Apache-2.0
#pragma once

// The grammar of a project, described once: which keys a definition has, what they mean, how their
// values are written, which are required. Reading, the hints for misspelt keys, the hash of a
// definition and the reference page all walk this description (base/describe.h). Rules between
// keys, and between definitions, are in check.h.

#include "base/describe.h"
#include "definitions/project.h"

namespace descant::definitions {

void describe(Describer& d, Entity& entity);
void describe(Describer& d, FactTable& table);
void describe(Describer& d, AssignmentTable& table);
void describe(Describer& d, DimensionTable& table);
void describe(Describer& d, Aggregation& aggregation);
void describe(Describer& d, Cap& cap);
void describe(Describer& d, Metric& metric);
void describe(Describer& d, ExperimentMetric& metric);
void describe(Describer& d, VarianceReduction& reduction);
void describe(Describer& d, Sequential& sequential);
void describe(Describer& d, Design& design);
void describe(Describer& d, Experiment& experiment);
void describe(Describer& d, Project& project);

// The reference page of the grammar, as Markdown.
std::string definitions_reference();

}  // namespace descant::definitions
