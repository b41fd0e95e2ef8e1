"use strict";

// Every address here is relative to /docs, so that the page also works below a path prefix.
window.ui = window.SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "openapi.json",
  validatorUrl: null,
  queryConfigEnabled: false,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  defaultModelExpandDepth: 3,
  displayRequestDuration: true,
  filter: true,
  showExtensions: false,
  showCommonExtensions: true,
  tryItOutEnabled: true,
  supportedSubmitMethods: ["get", "head"],
  syntaxHighlight: { activated: true },
});

// Swagger UI has dark colours but, without its own top bar, nothing that switches them on.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const followSystem = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followSystem);
followSystem();
