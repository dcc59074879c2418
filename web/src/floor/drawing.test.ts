import { describe, expect, it } from "vitest";
import { faces, farthestFirst, project, room, whereTo, type Piece } from "./drawing";

const piece = (sku: string, x: number, y: number, z: number, length = 10, width = 10, height = 10): Piece => ({ sku, x, y, z, length, width, height });

describe("the drawing of a box", () => {
  it("goes right along the box, left towards the packer, and up", () => {
    expect(project(0, 0, 0)).toEqual([0, 0]);
    expect(project(10, 0, 0)[0]).toBeCloseTo(8.66, 2);
    expect(project(0, 10, 0)[0]).toBeCloseTo(-8.66, 2);
    expect(project(0, 0, 10)).toEqual([0, -10]);
  });

  it("holds all of the box and shows three sides of each piece", () => {
    const box = room({ length: 100, width: 100, height: 50 });
    const [left, top, width, height] = box.view.split(" ").map(Number) as [number, number, number, number];
    for (const corner of [project(100, 0, 0), project(0, 100, 0), project(0, 0, 50), project(100, 100, 0)]) {
      expect(corner[0]).toBeGreaterThan(left);
      expect(corner[0]).toBeLessThan(left + width);
      expect(corner[1]).toBeGreaterThan(top);
      expect(corner[1]).toBeLessThan(top + height);
    }
    expect(Object.values(faces(piece("A", 0, 0, 0))).every((side) => side.split(" ").length === 4)).toBe(true);
  });

  it("draws what is far, or below, before what hides it", () => {
    const far = piece("FAR", 0, 0, 0);
    const near = piece("NEAR", 10, 0, 0, 10, 30, 10);
    const top = piece("TOP", 0, 0, 10);
    const wide = piece("WIDE", 0, 10, 0, 10, 50, 5);
    const drawn = farthestFirst([wide, top, near, far]).map((p) => p.sku);
    expect(drawn.indexOf("FAR")).toBeLessThan(drawn.indexOf("TOP"));
    expect(drawn.indexOf("FAR")).toBeLessThan(drawn.indexOf("NEAR"));
    expect(drawn.indexOf("FAR")).toBeLessThan(drawn.indexOf("WIDE"));
    expect([...drawn].sort()).toEqual(["FAR", "NEAR", "TOP", "WIDE"]);
  });

  it("says in words where a piece goes", () => {
    const named = (sku: string) => sku.toLowerCase();
    const mug = piece("MUG", 0, 0, 0, 120, 90, 100);
    expect(whereTo(mug, [], named)).toBe("120 × 90 mm on the floor, 100 mm high, in the far corner");
    expect(whereTo(piece("BOWL", 120, 0, 0, 50, 50, 40), [mug], named)).toBe("50 × 50 mm on the floor, 40 mm high, 120 mm along");
    const plate = piece("PLATE", 0, 10, 100, 100, 80, 20);
    expect(whereTo(plate, [mug], named)).toBe("100 × 80 mm on mug, 20 mm high, 10 mm towards you");
  });
});
