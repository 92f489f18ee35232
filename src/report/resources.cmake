# SPDX-License-Identifier: Apache-2.0
# The page's templates and the chart libraries, which become part of the program.
target_include_directories(descant_report SYSTEM PRIVATE
  "${Mustache_INCLUDE_DIR}" "${utf8proc_INCLUDE_DIR}")
set(page "${CMAKE_SOURCE_DIR}/src/report/html")
set(vega "${DESCANT_DEPS_DIR}/vega")
foreach(resource
    "page_html ${page}/page.html" "experiment_html ${page}/experiment.html"
    "treatment_html ${page}/treatment.html" "figure_html ${page}/figure.html"
    "reading_html ${page}/reading.html" "page_css ${page}/page.css" "charts_js ${page}/charts.js"
    "vega_js ${vega}/vega.min.js" "vega_lite_js ${vega}/vega-lite.min.js"
    "vega_embed_js ${vega}/vega-embed.min.js" "vega_license ${vega}/vega.LICENSE"
    "vega_lite_license ${vega}/vega-lite.LICENSE" "vega_embed_license ${vega}/vega-embed.LICENSE")
  string(REPLACE " " ";" resource "${resource}")
  list(GET resource 0 function)
  list(GET resource 1 file)
  descant_embed(TARGET descant_report NAMESPACE descant::report FUNCTION ${function} FILE "${file}")
endforeach()
