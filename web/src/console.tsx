import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import { ThemeProvider } from "@mui/material/styles";
import { QueryClient } from "@tanstack/react-query";
import { CoreAdminContext } from "ra-core";
import { BrowserRouter } from "react-router";
import { authProvider } from "./api/auth";
import { dataProvider } from "./api/data";
import { theme } from "./look/theme";
import { Door } from "./shell/Door";
import { Layout } from "./shell/Layout";

// `send` has tried again already where that helps.
const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: 1000, networkMode: "always" }, mutations: { networkMode: "always" } },
});
const styles = createCache({
  key: "bo",
  nonce: document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce,
  prepend: true,
});

/** react-admin's core (data, auth, notices, store) around a look and a layout of our own. */
export function Console() {
  return (
    <CacheProvider value={styles}>
      <ThemeProvider theme={theme} defaultMode="system" modeStorageKey="backoffice-theme">
        <BrowserRouter>
          <CoreAdminContext dataProvider={dataProvider} authProvider={authProvider} queryClient={queryClient}>
            <Door>
              <Layout />
            </Door>
          </CoreAdminContext>
        </BrowserRouter>
      </ThemeProvider>
    </CacheProvider>
  );
}
