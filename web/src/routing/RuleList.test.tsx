import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, describe, expect, it } from "vitest";
import { RuleList } from "./RuleList";
import { fresh, type Rule } from "./rules";

const THREE: Rule[] = [fresh("fewest_splits"), fresh("nearest"), fresh("ranked")];

function Editor({ seen }: { seen: (rules: Rule[]) => void }) {
  const [rules, setRules] = useState(THREE);
  return (
    <RuleList
      rules={rules}
      change={(next) => {
        seen(next);
        setRules(next);
      }}
    />
  );
}

afterEach(cleanup);

const kinds = (rules: Rule[]) => rules.map((rule) => rule.kind);

describe("rules in their order", () => {
  it("are moved with Alt and an arrow key, and it is said where they are now", () => {
    let now = THREE;
    render(<Editor seen={(rules) => (now = rules)} />);
    fireEvent.keyDown(screen.getByRole("button", { name: /^Move Nearest/ }), { key: "ArrowUp", altKey: true });
    expect(kinds(now)).toEqual(["nearest", "fewest_splits", "ranked"]);
    expect(screen.getByRole("status").textContent).toBe("Nearest is rule 1 of 3.");
  });

  it("stay where they are without Alt, and beyond the ends", () => {
    let now = THREE;
    render(<Editor seen={(rules) => (now = rules)} />);
    fireEvent.keyDown(screen.getByRole("button", { name: /^Move Nearest/ }), { key: "ArrowUp" });
    fireEvent.keyDown(screen.getByRole("button", { name: /^Move Fewest splits/ }), { key: "ArrowUp", altKey: true });
    expect(kinds(now)).toEqual(kinds(THREE));
  });

  it("keep what is typed while they are told something", () => {
    let now = THREE;
    render(<Editor seen={(rules) => (now = rules)} />);
    const nodes = screen.getByRole("textbox", { name: /^Ranked nodes/ });
    fireEvent.change(nodes, { target: { value: "LON, " } });
    expect((nodes as HTMLInputElement).value).toBe("LON, ");
    expect(now[2]?.nodes).toEqual(["LON"]);
  });

  it("cannot be touched where they only are shown", () => {
    render(<RuleList rules={THREE} />);
    expect(screen.queryAllByRole("button")).toEqual([]);
  });
});
