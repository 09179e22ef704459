/*
 * style.c - the style sheet of all pages
 *
 * Light and dark as the browser is set; below 40rem the folders stand above
 * the messages and each message of a list is a block of its own.
 */

#include "webmail-cgi/webmail.h"

static const char sheet[] =
    ":root{color-scheme:light dark;--line:#8885;--soft:#8882;--mark:#0b57b8;"
    "--bad:#b00020;--good:#1b6e2d}"
    "@media(prefers-color-scheme:dark){:root{--mark:#8ab8ff;--bad:#ff8a8a;"
    "--good:#8fdc9f}}"
    "*{box-sizing:border-box}"
    "body{margin:0;font:16px/1.45 system-ui,sans-serif;display:grid;"
    "grid-template:auto 1fr/13rem minmax(0,1fr);min-height:100vh}"
    "a{color:var(--mark);text-decoration:none}a:hover{text-decoration:"
    "underline}"
    ":focus-visible{outline:3px solid var(--mark);outline-offset:2px}"
    ".skip{position:absolute;left:-100rem}.skip:focus{left:1rem;top:1rem;"
    "padding:.5rem;background:Canvas}"
    "header{grid-column:1/3;display:flex;flex-wrap:wrap;gap:.5rem 1rem;"
    "align-items:center;padding:.5rem 1rem;border-bottom:1px solid "
    "var(--line)}header span{margin-right:auto;opacity:.75}"
    "nav{border-right:1px solid var(--line);padding:.5rem}"
    "nav a{display:block;padding:.35rem .6rem;border-radius:.3rem;"
    "overflow-wrap:anywhere}nav a.here{font-weight:bold;"
    "background:var(--soft)}"
    "main{padding:1rem;min-width:0}"
    "h1{font-size:1.35rem;margin:0 0 .8rem;overflow-wrap:anywhere}"
    "h2{font-size:1.1rem}"
    "form{margin:0}"
    "button,input,select,textarea{font:inherit;padding:.35rem .7rem;"
    "border:1px solid var(--line);border-radius:.3rem;max-width:100%}"
    "button,.bar>a{background:var(--soft);color:inherit;cursor:pointer}"
    ".bar>a{padding:.35rem .7rem;border:1px solid var(--line);"
    "border-radius:.3rem}"
    "button.main,header a.main{background:var(--mark);color:Canvas;"
    "border-color:transparent;border-radius:.3rem;padding:.35rem .7rem}"
    ".bar{display:flex;flex-wrap:wrap;align-items:end;gap:.5rem;"
    "margin:0 0 .8rem}"
    "table{border-collapse:collapse;width:100%;margin:0 0 .8rem}"
    "td,th{padding:.45rem .5rem;text-align:left;border-bottom:1px solid "
    "var(--line);vertical-align:top}"
    "tbody tr:hover{background:var(--soft)}"
    "td{overflow-wrap:break-word}.list td{overflow-wrap:anywhere}"
    "td.n,th.n{white-space:nowrap}"
    "td.who{width:15rem}tr.new{font-weight:bold}tr.new a{color:inherit}"
    ".pages{display:flex;gap:.5rem;align-items:center}"
    ".sign{grid-column:1/3;width:22rem;max-width:100%;margin:8vh auto}"
    ".sign form{display:grid;gap:1rem}"
    "label{display:grid;gap:.2rem}label.check{display:block}"
    ".compose{display:grid;gap:.7rem;max-width:60rem}"
    "textarea{width:100%;min-height:22rem;font-family:monospace}"
    "iframe{width:100%;height:75vh;border:1px solid var(--line);"
    "background:#fff;color-scheme:light}"
    "li img{max-width:min(100%,30rem);max-height:30rem;margin:.4rem 0}"
    ".error,.said{padding:.6rem .8rem;border-left:4px solid var(--bad);"
    "background:var(--soft)}.error{color:var(--bad);font-weight:bold}"
    ".said{border-color:var(--good)}"
    ".text{overflow-wrap:anywhere;margin:1rem 0}"
    "blockquote{margin:0 0 0 .3rem;padding-left:.6rem;border-left:3px solid "
    "var(--line);opacity:.85}"
    "dl{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.2rem 1rem;"
    "margin:0 0 .8rem}dt{opacity:.75}dd{margin:0;overflow-wrap:anywhere}"
    "@media(max-width:40rem){body{display:block}header{gap:.4rem .6rem}"
    "nav{border:0;border-bottom:1px solid var(--line);display:flex;"
    "flex-wrap:wrap}main{padding:.7rem}"
    ".list thead{display:none}"
    ".list tr{display:grid;grid-template-columns:auto 1fr auto;"
    "gap:0 .6rem;padding:.5rem 0;border-bottom:1px solid var(--line)}"
    ".list td{border:0;padding:0;width:auto}"
    ".list td.what{grid-area:2/2/3/4}.list td.size{display:none}"
    "textarea{min-height:14rem}}\n";

void
page_style(struct webmail *w)
{
	w->type = "text/css; charset=utf-8";
	buf_add_str(&w->head, "Cache-Control: max-age=86400\r\n");
	put(w, sheet);
}
