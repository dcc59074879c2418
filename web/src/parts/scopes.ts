import { usePermissions } from "ra-core";

/** Whether the caller holds a scope. Only for what to draw: the server checks again. */
export function useCan(): (scope: string | undefined) => boolean {
  const { permissions } = usePermissions<string[]>();
  return (scope) => scope === undefined || (permissions?.includes(scope) ?? false);
}
