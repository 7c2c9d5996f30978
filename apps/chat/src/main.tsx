import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import "./theme.css";
import "./layout.css";
import "./sidebar.css";
import "./room.css";
import "./messages.css";
import "./composer.css";

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App />);
