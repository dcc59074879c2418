import "@fontsource-variable/inter/wght.css";
import "./look/tokens.css";
import "./look/base.css";
import "./look/parts.css";
import "./look/data.css";
import "./look/table.css";
import "./look/shell.css";
import "./look/desk.css";
import { createRoot } from "react-dom/client";
import { Console } from "./console";

const place = document.getElementById("console");
if (place) createRoot(place).render(<Console />);
