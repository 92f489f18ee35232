// SPDX-License-Identifier: Apache-2.0
#include "stats/student_t.h"

#include <cmath>

#include <gtest/gtest.h>

#include "stats/distributions.h"

namespace descant::stats {
namespace {

struct Known {
  double degrees, x, tail;
};

// By mpmath in 50 digits.
constexpr Known kKnown[] = {{30.0, 0.0, 0.5},
                            {30.0, 0.1, 0.460504805895135576},
                            {30.0, 1.0, 0.162654307713014946},
                            {30.0, 1.96, 0.0296711564480252382},
                            {30.0, 3.7, 0.000432299926623644747},
                            {30.0, 5.0, 0.0000116483427335038976},
                            {31.5, 0.0, 0.5},
                            {31.5, 0.1, 0.460489034324588951},
                            {31.5, 1.0, 0.16246541693792206},
                            {31.5, 1.96, 0.0294465691446604143},
                            {31.5, 3.7, 0.000410221566685119354},
                            {31.5, 5.0, 0.0000103251342369843351},
                            {60.0, 0.0, 0.5},
                            {60.0, 0.1, 0.460338856028274504},
                            {60.0, 1.0, 0.160663251646623074},
                            {60.0, 1.96, 0.0273224648682646257},
                            {60.0, 3.7, 0.000235037490047643349},
                            {60.0, 5.0, 2.64401210533713866e-6},
                            {60.0, 8.0, 2.45013257397510172e-11},
                            {200.0, 0.0, 0.5},
                            {200.0, 0.1, 0.460222246252160519},
                            {200.0, 1.0, 0.159259423954873333},
                            {200.0, 1.96, 0.025692420422906644},
                            {200.0, 3.7, 0.000139309966011728123},
                            {200.0, 5.0, 6.25099063885769768e-7},
                            {200.0, 8.0, 4.93960045466531961e-14},
                            {1999.25, 0.0, 0.5},
                            {1999.25, 0.1, 0.460177175813119209},
                            {1999.25, 1.0, 0.158715761737961944},
                            {1999.25, 1.96, 0.02506725661262062},
                            {1999.25, 3.7, 0.000110712755032473362},
                            {1999.25, 5.0, 3.11654586070148916e-7},
                            {1999.25, 8.0, 1.04341643179383011e-15},
                            {1999.25, 20.0, 1.44429649310842213e-81},
                            {102075.5, 0.0, 0.5},
                            {102075.5, 0.1, 0.46017226091538218},
                            {102075.5, 1.0, 0.158656439182236579},
                            {102075.5, 1.96, 0.0249992534063943026},
                            {102075.5, 3.7, 0.000107856289979455051},
                            {102075.5, 5.0, 2.87125246146958479e-7},
                            {102075.5, 8.0, 6.28561158432170158e-16},
                            {102075.5, 20.0, 4.07845027811059212e-89},
                            {10000000.0, 0.0, 0.5},
                            {10000000.0, 0.1, 0.460172163725276186},
                            {10000000.0, 1.0, 0.158655266029992975},
                            {10000000.0, 1.96, 0.0249979090126570961},
                            {10000000.0, 3.7, 0.000107800310680473075},
                            {10000000.0, 5.0, 2.8665640375042695e-7},
                            {10000000.0, 8.0, 6.22161740140339252e-16},
                            {100000000000.0, 0.0, 0.5},
                            {100000000000.0, 0.1, 0.460172162723071247},
                            {100000000000.0, 1.0, 0.158655253932666905},
                            {100000000000.0, 1.96, 0.0249978951496068798},
                            {100000000000.0, 3.7, 0.000107799733535108467},
                            {100000000000.0, 5.0, 2.86651572362377754e-7},
                            {100000000000.0, 8.0, 6.22096063995130853e-16}};

TEST(StudentTTest, TailsAreExact) {
  for (const auto& known : kKnown)
    EXPECT_NEAR(student_t_tail_of_many_degrees(known.x, known.degrees) / known.tail, 1, 1e-13)
        << known.degrees << " " << known.x;
}

TEST(StudentTTest, QuantilesGoBack) {
  for (const double degrees : {30.0, 35.5, 77.0, 250.0, 1e4, 1e7, 1e12})
    for (const double tail : {0.5, 0.49, 0.3, 0.1, 0.025, 1e-3, 1e-5, 1e-8, 1e-12}) {
      const double x = t_quantile(1 - tail, degrees);
      const double exact = t_quantile(tail, degrees);
      EXPECT_NEAR(t_upper_tail(-exact, degrees) / tail, 1, 1e-12) << degrees << " " << tail;
      EXPECT_NEAR(x, -exact, 1e-4 * -exact + 1e-15) << degrees << " " << tail;
    }
}

TEST(StudentTTest, OutsideItsRangeItIsUndefined) {
  EXPECT_TRUE(std::isnan(student_t_tail_of_many_degrees(1, 29)));
  EXPECT_TRUE(std::isnan(student_t_tail_of_many_degrees(-1, 50)));
  EXPECT_TRUE(std::isnan(student_t_tail_of_many_degrees(40, 50)));
  EXPECT_TRUE(std::isnan(student_t_tail_of_many_degrees(NAN, 50)));
  EXPECT_TRUE(std::isnan(student_t_quantile_of_many_degrees(0.7, 50)));
}

TEST(StudentTTest, BothWaysMeetWhereOneEnds) {
  const double below = t_upper_tail(2, std::nextafter(30, 0));
  EXPECT_NEAR(t_upper_tail(2, 30) / below, 1, 1e-13);
  for (const double degrees : {30.0, 100.0}) {
    const double x = std::sqrt(degrees * std::expm1(1.0));
    EXPECT_NEAR(t_upper_tail(x * (1 - 1e-15), degrees) / t_upper_tail(x * (1 + 1e-15), degrees), 1,
                1e-12);
  }
}

}  // namespace
}  // namespace descant::stats
