// SPDX-License-Identifier: Apache-2.0
#include "timelines/manifest_check.h"

#include <functional>
#include <limits>

#include <gtest/gtest.h>

namespace descant::timelines {
namespace {

FileEntry file(const std::string& name, const std::string& dtype, std::uint64_t rows) {
  return {"v000001/" + name + ".npy", dtype, rows, "0"};
}

ColumnEntry column(const std::string& name, const std::string& kind, const std::string& dtype) {
  ColumnEntry entry;
  entry.name = name;
  entry.kind = kind;
  entry.values = file(name, dtype, 5);
  return entry;
}

Manifest sound() {
  Manifest manifest;
  manifest.version = 1;
  EntityEntry entity{"listener", "integer", 3, file("keys", "<i8", 3), {}, {}};
  manifest.entities.push_back(entity);
  TableEntry table;
  table.name = "plays";
  table.kind = "fact_table";
  table.entity = "listener";
  SegmentEntry segment;
  segment.rows = 5;
  segment.first = 1'000'000;
  segment.last = 9'000'000;
  segment.entities = file("entities", "<u4", 2);
  segment.offsets = file("offsets", "<u8", 3);
  segment.columns = {column("played_at", "instant", "<u4"), column("minutes", "number", "<f8"),
                     column("skip", "boolean", "|u1"), column("surface", "label", "|u1")};
  segment.columns[1].valid = file("minutes.valid", "|u1", 5);
  segment.columns[3].label_bytes = file("surface.labels", "|u1", 20);
  segment.columns[3].label_offsets = file("surface.label_offsets", "<u8", 4);
  table.segments.push_back(segment);
  manifest.tables.push_back(table);
  return manifest;
}

struct Lie {
  const char* name;
  std::function<void(Manifest&, TableEntry&, SegmentEntry&)> tell;
};

class ManifestLies : public ::testing::TestWithParam<Lie> {};

TEST_P(ManifestLies, IsNoticed) {
  Manifest manifest = sound();
  ASSERT_TRUE(check_manifest(manifest).ok());
  TableEntry& table = manifest.tables[0];
  GetParam().tell(manifest, table, table.segments[0]);
  const auto checked = check_manifest(manifest);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(checked.error().where.empty());
}

#define LIE(name, ...)                                          \
  Lie {                                                         \
    name, [](Manifest& m, TableEntry& plays, SegmentEntry& s) { \
      (void)m, (void)plays, (void)s, __VA_ARGS__;               \
    }                                                           \
  }

constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();

INSTANTIATE_TEST_SUITE_P(
    All, ManifestLies,
    ::testing::Values(
        LIE("TimeDtype", s.columns[0].values.dtype = "<i2"),
        LIE("TimeIsDouble", s.columns[0].values.dtype = "<f8"),
        LIE("NoTime", s.columns.erase(s.columns.begin())), LIE("NoColumns", s.columns.clear()),
        LIE("BooleanDtype", s.columns[2].values.dtype = "<u4"),
        LIE("LabelIsSigned", s.columns[3].values.dtype = "|i1"),
        LIE("LabelIsDouble", s.columns[3].values.dtype = "<f8"),
        LIE("LabelsMissing", s.columns[3].label_bytes.reset()),
        LIE("NoLabelOffsets", s.columns[3].label_offsets->rows = 0),
        LIE("LabelOffsetsDtype", s.columns[3].label_offsets->dtype = "<u4"),
        LIE("UnknownKind", s.columns[1].kind = "text"),
        LIE("UnknownDtype", s.columns[1].values.dtype = ""),
        LIE("ColumnRows", s.columns[1].values.rows = 4),
        LIE("ValidRows", s.columns[1].valid->rows = 4),
        LIE("ValidDtype", s.columns[1].valid->dtype = "<u2"),
        LIE("DivisorZero", s.columns[1].divisor = 0),
        LIE("DivisorNan", s.columns[1].divisor = std::numeric_limits<double>::quiet_NaN()),
        LIE("DivisorInfinite", s.columns[1].divisor = std::numeric_limits<double>::infinity()),
        LIE("UnitZero", s.columns[0].unit = 0), LIE("UnitHuge", s.columns[0].unit = kLargest),
        LIE("BaseNegative", s.columns[0].base = -1), LIE("BaseHuge", s.columns[0].base = kLargest),
        LIE("FirstAfterLast", s.first = s.last + 1), LIE("LastHuge", s.last = kLargest),
        LIE("ColumnTwice", s.columns.push_back(s.columns[1])),
        LIE("TableTwice", m.tables.push_back(TableEntry(plays))),
        LIE("EntityTwice", m.entities.push_back(EntityEntry(m.entities[0]))),
        LIE("EntityUnknown", plays.entity = "artist"), LIE("TableKind", plays.kind = "view"),
        LIE("KeyCount", m.entities[0].count = 4), LIE("KeyType", m.entities[0].key_type = "float"),
        LIE("KeysMissing", m.entities[0].integer_keys.reset()),
        LIE("EntitiesDtype", s.entities.dtype = "<i4"), LIE("MoreEntities", s.entities.rows = 4),
        LIE("OffsetsDtype", s.offsets.dtype = "<i8"), LIE("OffsetsRows", s.offsets.rows = 2),
        LIE("PathUp", s.offsets.path = "v000001/../../secret.npy"),
        LIE("PathAbsolute", s.offsets.path = "/etc/passwd"),
        LIE("PathHere", s.offsets.path = "./v000001/offsets.npy"),
        LIE("PathWithoutFolder", s.offsets.path = "offsets.npy"),
        LIE("PathWithZero", s.offsets.path = std::string("v1/\0", 4))),
    [](const auto& tested) { return std::string(tested.param.name); });

#undef LIE

}  // namespace
}  // namespace descant::timelines
