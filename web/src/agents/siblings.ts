/** The screens of the runtime, as tabs. */
export const SIBLINGS = [
  { label: "Agents", to: "/agents" },
  { label: "Dead letters", to: "/agents/dead-letters" },
  { label: "Schedules", to: "/agents/schedules" },
  { label: "Flows", to: "/agents/flows" },
];
