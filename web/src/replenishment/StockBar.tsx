type Levels = { position: number; point: number; up_to: number };

/** Position against the reorder point and the level to fill up to; red at or below the point. */
export function StockBar({ plan, wide }: { plan: Levels; wide?: boolean }) {
  const { position, point, up_to } = plan;
  const most = Math.max(position, up_to, point, 1);
  const at = (units: number) => `${(100 * Math.min(Math.max(units, 0), most)) / most}%`;
  const said = `Position ${position}, order at ${point}, up to ${up_to}`;
  return (
    <span className={wide ? "stock-bar wide" : "stock-bar"} role="img" aria-label={said} title={said}>
      <span className="stock-bar-fill" data-low={position <= point || undefined} style={{ width: at(position) }} />
      <span className="stock-bar-mark" style={{ left: at(point) }} />
      <span className="stock-bar-mark level" style={{ left: at(up_to) }} />
    </span>
  );
}
