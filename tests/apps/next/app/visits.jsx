"use client";

import { useEffect, useState } from "react";
import { socket } from "./socket";

export default function Visits() {
  const [transport, setTransport] = useState("none");
  const [visits, setVisits] = useState(0);
  const [answer, setAnswer] = useState("");

  useEffect(() => {
    function onConnect() {
      setTransport(socket.io.engine.transport.name);
      socket.io.engine.on("upgrade", (to) => setTransport(to.name));
      socket.emit("greet", "page", setAnswer);
    }

    if (socket.connected) onConnect();
    socket.on("connect", onConnect);
    socket.on("visits", setVisits);
    return () => {
      socket.off("connect", onConnect);
      socket.off("visits", setVisits);
    };
  }, []);

  return (
    <p>
      <span id="visits">{visits}</span> <span id="answer">{answer}</span>{" "}
      <span id="transport">{transport}</span>
    </p>
  );
}
