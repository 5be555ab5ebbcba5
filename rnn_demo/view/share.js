// What can be taken away: a link, a line for another page, a file that plays, a picture. The code for phones is in lecture.js.

const LONGEST_LINK = 8000; // bytes; longer addresses are cut by some mail programs and proxies
const FRAME_PX = 640; // height of an embedded view
const SHARPER = 2; // pixels of a picture to one on the screen
const NO_CONTROLS = ".uv .uv-scroll { overflow: hidden; } .uv :is(.uv-watch button, [data-do=cut][aria-pressed=false]) { visibility: hidden; }";

const withSharing = (Base) =>
  class extends Base {
    // What a link cannot hold of what stands in the box, in words; "" where it holds all.
    leftOut() {
      const { box, lacks } = this.data;
      if (lacks) return lacks;
      if (!box || !(box.unread || this.typed.value.length > MOST_SENT)) return "";
      const count = (text) => Array.from(text).length;
      const all = count(this.typed.value);
      const read = count(this.typed.value.slice(0, MOST_SENT)) - box.unread;
      return `The link holds what was read: the first ${read.toLocaleString("en")} of ${all.toLocaleString("en")} characters.`;
    }

    writeLink() {
      const step = this.pinned || this.current;
      const part = step < this.length ? `&step=${step}` : "";
      const input = this.at("link");
      const before = input.value;
      input.value = `${location.origin}${location.pathname}?${this.data.query}${part}${this.linkEnd()}`;
      const frame = document.createElement("iframe");
      Object.assign(frame, { src: `${input.value}&embed=true`, title: "A recurrent network reads", width: "100%", height: FRAME_PX });
      this.at("iframe").value = frame.outerHTML;
      const long = input.value.length > LONGEST_LINK;
      const leftOut = this.leftOut();
      if (input.value !== before) this.at("shared").textContent = leftOut;
      for (const field of [input, this.at("iframe")]) field.parentNode.hidden = long;
      input.parentNode.firstChild.data = leftOut && !this.data.lacks ? "Link to what was read, cell and step " : "Link to this text, cell and step ";
      const file = this.at("file");
      file.hidden = !long && (!leftOut || this.data.lacks);
      URL.revokeObjectURL(file.href);
      if (!file.hidden) file.href = URL.createObjectURL(new Blob([this.data.box ? this.typed.value : this.data.text], { type: "text/plain" }));
      return input;
    }

    async drawLink() {
      const input = this.writeLink();
      const status = this.at("shared");
      const leftOut = this.leftOut();
      if (input.parentNode.hidden) {
        status.textContent = "This text is too long for a link. Share it as a file, and paste it into the box.";
        return;
      }
      input.focus();
      input.select();
      try {
        await navigator.clipboard.writeText(input.value);
        status.textContent = leftOut ? `Copied. ${leftOut}${this.data.lacks ? "" : " The file holds the whole text."}` : "Copied.";
      } catch {
        status.textContent = `Copy it from here. ${leftOut}`; // the browser keeps its clipboard to itself
      }
    }

    // The file that was asked for: once, though a change of theme brings the same object again.
    take(data) {
      if (!data.page || data.pageTaken) return;
      data.pageTaken = true;
      this.save(new Blob([data.page], { type: "text/html" }), "html");
    }

    askPage() {
      this.at("shared").textContent = "The page is being made …";
      this.onChosen({ save: 1 });
    }

    save(blob, kind) {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `unrolled-${this.data.task}.${kind}` });
      link.click();
      this.at("shared").textContent = `Saved as ${link.download}.`;
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // some browsers read it only after the click
    }

    // The network as it stands, drawn by the browser itself: the same elements and rules, in an SVG, which a canvas then draws. It is
    // as wide as the window, for the rules of a small screen to hold in it as they do on the page, and its own pixels are the page's.
    async savePicture() {
      const stage = this.at("stage");
      const scroll = this.at("scroll");
      const width = Math.ceil(stage.scrollWidth + scroll.scrollWidth - scroll.clientWidth);
      const height = Math.ceil(stage.scrollHeight);
      const copy = this.root.cloneNode(false);
      copy.append(stage.cloneNode(true));
      const drawn = stage.querySelectorAll("canvas");
      copy.querySelectorAll("canvas").forEach((canvas, i) => {
        const image = Object.assign(new Image(), { src: drawn[i].toDataURL(), className: canvas.className });
        canvas.replaceWith(image);
      });
      const here = getComputedStyle(this.root);
      const names = ["text-color", "background-color", "secondary-background-color", "primary-color", "font"];
      for (const name of names) copy.style.setProperty(`--st-${name}`, here.getPropertyValue(`--st-${name}`));
      Object.assign(copy.style, { width: `${width}px`, height: `${height}px` });
      const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText);
      const style = make("", [...rules.filter((rule) => rule.includes(".uv")), NO_CONTROLS].join("\n"), "style");
      copy.prepend(style);
      const words = new XMLSerializer().serializeToString(copy);
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${innerWidth}" height="${(innerWidth * height) / width}" viewBox="0 0 ${width} ${height}"><foreignObject width="100%" height="100%">${words}</foreignObject></svg>`;
      const image = new Image();
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: SHARPER * width, height: SHARPER * height });
      const pen = canvas.getContext("2d");
      pen.fillStyle = here.getPropertyValue("--st-background-color");
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => this.save(blob, "png"));
    }
  };
