// SPDX-License-Identifier: Apache-2.0
// Draws every figure from the specification that lies in it.
for (const figure of document.querySelectorAll("figure[data-chart]")) {
  const place = figure.querySelector(".chart");
  const spec = JSON.parse(figure.querySelector("script").textContent);
  vegaEmbed(place, spec, { actions: false, renderer: "svg", tooltip: { theme: "page" } })
    .then(() => { figure.dataset.drawn = "yes"; })
    .catch((error) => {
      place.textContent = "This chart could not be drawn; its numbers are in the table.";
      console.error(error);
    });
}
