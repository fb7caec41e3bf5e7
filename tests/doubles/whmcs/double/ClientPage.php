<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;
use WHMCS\View\Menu\Item;

/**
 * The frame of every page of the client area, with its hooks. `twenty-one` and any other theme print the same parts;
 * a theme prints extra variables only if a test says it knows them.
 */
final class ClientPage
{
    /** @var array<string, mixed> */
    private $vars;

    /**
     * @param string $hook the page's own hook, such as ClientAreaPageViewTicket; '' for none
     * @param array<string, mixed> $vars the variables of this page
     */
    public function __construct(string $title, string $hook, array $vars = [])
    {
        $client = Capsule::table('tblclients')->where('id', Session::clientId())->first();
        $this->vars = $vars + [
            'companyname' => Configuration::get('CompanyName'),
            'systemurl' => Configuration::systemUrl() . '/',
            'WEB_ROOT' => '',
            'pagetitle' => $title,
            'filename' => basename($_SERVER['SCRIPT_NAME'], '.php'),
            'template' => Configuration::get('Template'),
            'language' => Configuration::get('Language'),
            'token' => Session::token(),
            'servedOverSsl' => false,
            'loggedin' => $client !== null,
            'clientsdetails' => $client === null ? [] : ['id' => $client->id, 'firstname' => $client->firstname],
            'adminMasqueradingAsClient' => $client !== null && Session::adminId() !== 0,
        ];
        foreach (array_filter(['ClientAreaPage', $hook]) as $point) {
            $this->vars = array_merge($this->vars, Hooks::variables($point, $this->vars));
        }
    }

    /** @return array<string, mixed> */
    public function vars(): array
    {
        return $this->vars;
    }

    public function show(string $content): void
    {
        $sidebars = self::menu('ClientAreaPrimarySidebar') . self::menu('ClientAreaSecondarySidebar');
        header('Content-Type: text/html; charset=utf-8');
        echo '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>', Html::text($this->vars['pagetitle']),
            ' - ', Html::text($this->vars['companyname']), '</title>',
            '<link rel="stylesheet" href="/assets/css/pages.css"><script>var csrfToken = ',
            json_encode($this->vars['token']), ', whmcsBaseUrl = "";</script>',
            Hooks::html('ClientAreaHeadOutput', $this->vars), '</head>',
            '<body class="theme-', Html::text($this->vars['template']), '">',
            Hooks::html('ClientAreaHeaderOutput', $this->vars),
            '<nav id="menu"><a href="/index.php">Home</a> <a href="/clientarea.php">Client Area</a> ',
            '<a href="/supporttickets.php">Tickets</a> <a href="/submitticket.php">Open Ticket</a></nav>',
            '<aside id="sidebar">', $sidebars, '</aside><main id="main-body"><h1>',
            Html::text($this->vars['pagetitle']), '</h1>', $content,
            Html::printed($this->vars, (array) State::setting('theme_prints', [])), '</main>',
            Hooks::html('ClientAreaFooterOutput', $this->vars), '</body></html>';
    }

    /** The items a hook put into a menu. */
    public static function menu(string $hook): string
    {
        $menu = new Item($hook);
        Hooks::run($hook, $menu);
        return self::items($menu);
    }

    private static function items(Item $menu): string
    {
        $html = '';
        foreach ($menu->getChildren() as $item) {
            $label = Html::text($item->getLabel());
            $uri = Html::text($item->getUri());
            $html .= '<li data-name="' . Html::text($item->getName()) . '">'
                . ($uri === '' ? $label : '<a href="' . $uri . '">' . $label . '</a>') . self::items($item) . '</li>';
        }
        return $html === '' ? '' : '<ul class="menu-' . Html::text($menu->getName()) . '">' . $html . '</ul>';
    }
}
