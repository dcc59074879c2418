// Before the first paint, and a file of its own because the policy allows no inline script.
(function () {
  var mode = null;
  try { mode = localStorage.getItem("backoffice-theme"); } catch { /* private window */ }
  var dark = mode === "dark" || (mode !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-theme", dark ? "dark" : "light");
})();
