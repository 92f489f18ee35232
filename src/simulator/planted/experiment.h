// SPDX-License-Identifier: Apache-2.0
#pragma once

// A planted experiment of two variants. Listeners are assigned between `start` and `end` (local
// dates of the demo project) when their app is first open, or refreshes in the background: active
// ones soon, silent ones now and then, some never. A few assignments are logged twice, and a few
// listeners are seen in both variants. From assignment on, the treatment acts through `affect`. The
// truth is measured, not assumed: the same listeners are simulated twice with the same random
// numbers, all in control and all in treatment (see counterfactual.h).

#include <string>
#include <vector>

#include "simulator/planted/planted.h"

namespace descant::simulator {

struct ExperimentDesign {
  std::uint64_t number = 0;  // names the experiment's random streams; append, never renumber
  std::string name;
  std::string description;
  std::string control;
  std::string treatment;
  std::string start, end;  // local dates, both included
  double treatment_share = 0.5;
  std::string expected_action;  // once complete: ship | stop | invalid
  std::string expected_because;
};

class PlantedExperiment : public Planted {
 public:
  explicit PlantedExperiment(ExperimentDesign design) : design_(std::move(design)) {}

  std::string_view name() const override { return design_.name; }
  Result<void> prepare(const World& world, std::size_t threads) override;
  void influence(std::uint32_t listener, std::uint32_t second, Influence& influence) const override;
  std::vector<Assignment> assignments() const override;
  std::vector<std::string> variant_names() const override;
  Result<Json> truth(const World& world, const PlantedList& all, const std::vector<bool>& played,
                     std::size_t threads) const override;

  const ExperimentDesign& design() const { return design_; }

 protected:
  // What treatment does to a listener, `days` after assignment.
  virtual void affect(const Listener& listener, double days, Influence& influence) const = 0;
  // True when a listener's treatment fails so early that no assignment is ever logged.
  virtual bool is_lost(const Listener&, Random&) const { return false; }
  // The numbers behind `affect`, for truth.json.
  virtual Json parameters() const = 0;

 private:
  enum Variant : std::uint8_t { kControl, kTreatment, kNotAssigned };
  struct Enrolment {
    std::uint32_t second = 0;
    std::uint32_t again_second = 0;  // 0: logged once
    Variant variant = kNotAssigned;
    Variant again_variant = kNotAssigned;
  };
  Enrolment enrol(const World& world, std::uint32_t listener) const;
  bool counts(const Enrolment& enrolment) const;  // assigned, and in one variant only
  void affect_at(std::uint32_t listener, std::uint32_t second, Influence& influence) const;
  Json counts_truth(const std::vector<bool>& played) const;
  Result<Json> measured_truth(const World& world, const PlantedList& all,
                              std::size_t threads) const;

  ExperimentDesign design_;
  const World* world_ = nullptr;
  std::uint32_t start_second_ = 0;
  std::uint32_t end_second_ = 0;  // after the last day, or where the log ends
  bool is_complete_ = false;
  std::vector<Enrolment> enrolments_;  // by listener
};

}  // namespace descant::simulator
