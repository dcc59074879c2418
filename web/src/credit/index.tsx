import { Route, Routes } from "react-router";
import { CardDetail } from "./CardDetail";
import { CardList } from "./CardList";

export default function GiftCards() {
  return (
    <Routes>
      <Route index element={<CardList />} />
      <Route path=":id" element={<CardDetail />} />
    </Routes>
  );
}
