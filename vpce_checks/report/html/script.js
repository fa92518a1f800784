
"use strict";
(function () {
  // Open what a link leads to.
  function reveal() {
    var target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (var at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
      at.hidden = false;
    }
    var inside = target.tagName === "ARTICLE" && target.querySelector(":scope > details");
    if (inside) inside.open = true;
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);

  // Print what is folded, too.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (each) { each.open = false; });
  });

  var form = document.getElementById("filters");
  if (form) {
    var table = document.querySelector("table.matrix");
    var byColumn = table && table.dataset.items === "columns";
    var cells = table ? Array.from(table.querySelectorAll("[data-states]")) : [];
    var findings = Array.from(document.querySelectorAll("article"));
    var vpcs = Array.from(document.querySelectorAll("#vpcs > [data-roots]"));
    var timer;

    var has = function (list, wanted) {
      return !wanted || (" " + list + " ").indexOf(" " + wanted + " ") >= 0;
    };
    var says = function (element, words) {
      return !words || element.textContent.toLowerCase().indexOf(words) >= 0;
    };
    var value = function (name) {
      return form.elements[name] ? form.elements[name].value : "";
    };
    var filter = function () {
      var root = value("root"), rule = value("rule"), state = value("state");
      var words = value("words").trim().toLowerCase();
      var shown = { vpcs: 0, findings: 0 };
      cells.forEach(function (item) {
        var data = item.dataset;
        var on = has(data.roots, root) && has(data.rules, rule) && has(data.states, state) && says(item, words);
        shown.vpcs += on;
        if (!byColumn) { item.hidden = !on; return; }
        var column = item.cellIndex;
        Array.from(table.rows).forEach(function (row) { row.cells[column].hidden = !on; });
      });
      findings.forEach(function (item) {
        var data = item.dataset;
        var on = has(data.roots, root) && has(data.rules, rule) && has(item.className, state) && says(item, words);
        item.querySelectorAll("li[data-rules]").forEach(function (member) {
          member.hidden = !(has(member.dataset.roots, root) && has(member.dataset.rules, rule));
        });
        item.hidden = !on;
        shown.findings += on;
      });
      vpcs.forEach(function (item) {
        item.hidden = !(has(item.dataset.roots, root) && says(item, words));
      });
      form.elements.shown.value = shown.vpcs + " of " + cells.length + " VPCs and " + shown.findings + " of " +
        findings.length + " blocks of findings shown";
    };
    form.addEventListener("change", filter);
    form.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(filter, 200); });
    form.addEventListener("reset", function () { setTimeout(filter, 0); });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.hidden = false;
    filter();
  }
  reveal();
})();
