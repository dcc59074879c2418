import { lazy, Suspense, useState } from "react";
import { Route, Routes, useLocation } from "react-router";
import { useLiveUpdates } from "@/api/live";
import { screens } from "@/screens";
import { Broken } from "./Broken";
import { DemoNote } from "./DemoNote";
import { NotFound } from "./NotFound";
import { Notices } from "./Notices";
import { Palette } from "./Palette";
import { SideNav } from "./SideNav";
import { TopBar } from "./TopBar";
import { useGoTo } from "./useGoTo";

const routes = screens.map((screen) => ({ ...screen, Body: lazy(screen.load) }));

/** Navigation beside, search on top, the screen in the middle. */
export function Layout() {
  const { pathname } = useLocation();
  const [isNavOpen, setNavOpen] = useState(false);
  useLiveUpdates();
  useGoTo();
  return (
    <div className="shell" data-nav={isNavOpen || undefined}>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <SideNav close={() => setNavOpen(false)} />
      {isNavOpen && <div className="nav-shade" onClick={() => setNavOpen(false)} />}
      <TopBar openNav={() => setNavOpen(true)} />
      <DemoNote />
      <main id="content" tabIndex={-1}>
        <Broken key={pathname.split("/")[1]}>
          <Suspense fallback={null}>
            <Routes>
              {routes.map(({ path, Body }) => (
                <Route key={path} path={path === "/" ? "/" : `${path}/*`} element={<Body />} />
              ))}
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Suspense>
        </Broken>
      </main>
      <Notices />
      <Palette />
    </div>
  );
}
