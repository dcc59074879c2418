import { Route, Routes } from "react-router";
import { PutawayList } from "./PutawayList";
import { RuleList } from "./RuleList";
import { TaskList } from "./TaskList";

export default function Putaways() {
  return (
    <Routes>
      <Route index element={<PutawayList />} />
      <Route path="tasks" element={<TaskList />} />
      <Route path="rules" element={<RuleList />} />
    </Routes>
  );
}
