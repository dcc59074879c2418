import { NavLink } from "react-router";
import { useCan } from "@/parts/scopes";
import { GROUPS, screens } from "@/screens";
import { Mark } from "./Mark";

/** The screens that the caller may see, grouped by job. */
export function SideNav({ close }: { close: () => void }) {
  const can = useCan();
  return (
    <nav className="nav" aria-label="Main">
      <NavLink to="/" className="nav-brand" onClick={close}>
        <Mark />
        Backoffice
      </NavLink>
      <div className="nav-groups">
        {GROUPS.map((group) => {
          const mine = screens.filter((s) => s.group === group && can(s.scope));
          if (mine.length === 0) return null;
          return (
            <div key={group} className="nav-group">
              {group && <p className="nav-heading">{group}</p>}
              {mine.map(({ path, label, icon: Icon, load }) => (
                <NavLink
                  key={path}
                  to={path}
                  end={path === "/"}
                  className="nav-link"
                  onClick={close}
                  onPointerEnter={() => void load()}
                >
                  <Icon size={15.5} strokeWidth={1.8} aria-hidden />
                  {label}
                </NavLink>
              ))}
            </div>
          );
        })}
      </div>
    </nav>
  );
}
