<?php

namespace WhmcsDouble;

/**
 * The frame of every page of the admin area, with its output hooks.
 */
final class AdminPage
{
    /** @var array<string, mixed> */
    private $vars;

    public function __construct(object $admin, string $title)
    {
        $this->vars = [
            'adminid' => $admin->id,
            'admin_username' => $admin->username,
            'admin_perms' => [],
            'filename' => basename($_SERVER['SCRIPT_NAME'], '.php'),
            'pagetitle' => $title,
            'template' => $admin->template,
            'csrfToken' => Session::token(),
            'WEB_ROOT' => '',
        ];
        $this->vars = array_merge($this->vars, Hooks::variables('AdminAreaPage', $this->vars));
    }

    /** @param array<string, mixed> $globals JavaScript globals of this page, beside csrfToken */
    public function show(string $content, string $sidebar = '', array $globals = []): void
    {
        $script = '';
        foreach (['csrfToken' => Session::token(), 'whmcsBaseUrl' => ''] + $globals as $name => $value) {
            $script .= 'var ' . $name . ' = ' . json_encode($value, JSON_HEX_TAG | JSON_HEX_AMP) . ";\n";
        }
        header('Content-Type: text/html; charset=utf-8');
        echo '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>', Html::text($this->vars['pagetitle']),
            ' - WHMCS</title><link rel="stylesheet" href="/assets/css/pages.css">',
            '<script>', $script, '</script><script src="/assets/js/admin-ticket.js"></script>',
            Hooks::html('AdminAreaHeadOutput', $this->vars), '</head>',
            '<body class="template-', Html::text($this->vars['template']), '">',
            Hooks::html('AdminAreaHeaderOutput', $this->vars),
            '<nav id="menu"><a href="index.php">Home</a> <a href="supporttickets.php">Support tickets</a></nav>',
            '<aside id="sidebar">', $sidebar, '</aside>',
            '<main id="contentarea"><h1>', Html::text($this->vars['pagetitle']), '</h1>', $content, '</main>',
            $this->printed(), Hooks::html('AdminAreaFooterOutput', $this->vars), '</body></html>';
    }

    /** The extra variables this theme knows: none, unless a test says otherwise. */
    private function printed(): string
    {
        return Html::printed($this->vars, (array) State::setting('theme_prints', []));
    }
}
