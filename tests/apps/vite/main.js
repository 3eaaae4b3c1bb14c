document.querySelector("#app").textContent = "built";
