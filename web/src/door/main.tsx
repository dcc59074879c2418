import "../look/tokens.css";
import "./door.css";
import { createRoot } from "react-dom/client";
import { Door } from "./Door";
import { locale, say } from "./texts";

document.documentElement.lang = locale;
document.title = say("title");
const place = document.getElementById("door");
if (place) createRoot(place).render(<Door />);
