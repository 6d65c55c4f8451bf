try{let e=localStorage.getItem("leida-theme");(e==="light"||e==="dark")&&(document.documentElement.dataset.theme=e)}catch{}
