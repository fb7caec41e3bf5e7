<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;

/**
 * The people, services and tickets a fresh install of the double holds.
 */
final class Seed
{
    public const ZERO = '0000-00-00 00:00:00';

    /** @param array<string, string> $secrets what no addon may ever send on: `service`, `server`, `access_hash` */
    public static function fill(string $url, array $secrets): void
    {
        self::configuration($url);
        self::admins();
        self::support();
        self::clients();
        self::services($secrets);
        self::texts();
        self::ticket();
    }

    private static function insert(string $table, array ...$rows): void
    {
        foreach ($rows as $row) {
            Capsule::table($table)->insert($row);
        }
    }

    private static function configuration(string $url): void
    {
        $settings = [
            'CompanyName' => 'Example Hosting', 'SystemURL' => $url . '/', 'Template' => 'twenty-one',
            'Language' => 'english', 'ActiveAddonModules' => '', 'AddonModulesHooks' => '', 'ModuleDebugMode' => '',
            'Version' => '8.13.1-release.1', 'APIAllowedIPs' => '127.0.0.1', 'LastDailyCron' => '',
        ];
        foreach ($settings as $setting => $value) {
            Configuration::set($setting, $value);
        }
    }

    private static function admins(): void
    {
        self::insert('tbladminroles', ['name' => 'Full Administrator'], ['name' => 'Support'], ['name' => 'Sales']);
        $people = [
            ['ada', 'Ada', 'Admin', 1], ['ben', 'Ben', 'Berg', 2], ['cem', 'Cem', 'Can', 2],
            ['dora', 'Dora', 'Dahl', 3],
        ];
        foreach ($people as $number => $person) {
            self::insert('tbladmins', [
                'uuid' => sprintf('00000000-0000-4000-8000-%012d', $number + 1), 'roleid' => $person[3],
                'username' => $person[0], 'firstname' => $person[1], 'lastname' => $person[2],
                'email' => $person[0] . '@staff.example', 'template' => 'blend', 'language' => 'english',
                'supportdepts' => '1,2',
            ]);
        }
    }

    private static function support(): void
    {
        foreach (['Support', 'Billing'] as $order => $name) {
            self::insert('tblticketdepartments', [
                'name' => $name, 'description' => '', 'email' => strtolower($name) . '@hosting.example',
                'clientsonly' => '', 'piperepliesonly' => '', 'noautoresponder' => '', 'hidden' => '',
                'order' => $order + 1, 'host' => '', 'port' => '', 'login' => '', 'password' => '',
            ]);
        }
        $statuses = [
            ['Open', 1, 1], ['Answered', 1, 0], ['Customer-Reply', 1, 1], ['Closed', 0, 0], ['On Hold', 1, 0],
            ['In Progress', 1, 0],
        ];
        foreach ($statuses as $order => $status) {
            self::insert('tblticketstatuses', [
                'title' => $status[0], 'color' => '#000000', 'sortorder' => $order + 1, 'showactive' => $status[1],
                'showawaiting' => $status[2], 'autoclose' => 0,
            ]);
        }
    }

    private static function clients(): void
    {
        self::insert('tblcurrencies', [
            'code' => 'EUR', 'prefix' => '€', 'suffix' => ' EUR', 'rate' => 1, 'default' => 1,
        ]);
        $people = [['Cleo', 'Client', '2019-03-01'], ['Otto', 'O\'Other', '2024-11-20'], ['Nia', 'New', '2026-10-30']];
        foreach ($people as $number => $person) {
            $id = $number + 1;
            $email = strtolower($person[0]) . '@client.example';
            self::insert('tblclients', [
                'uuid' => sprintf('00000000-0000-4000-9000-%012d', $id), 'firstname' => $person[0],
                'lastname' => htmlspecialchars($person[1], ENT_QUOTES), 'companyname' => '', 'email' => $email,
                'phonenumber' => '', 'currency' => 1, 'datecreated' => $person[2], 'groupid' => 0,
                'status' => 'Active', 'language' => '',
            ]);
            // A user is who logs in; a client is the account. Their ids differ on purpose.
            self::insert('tblusers', [
                'id' => 100 + $id, 'first_name' => $person[0], 'last_name' => htmlspecialchars($person[1], ENT_QUOTES),
                'email' => $email, 'password' => '', 'language' => '',
            ]);
            self::insert('tblusers_clients', ['auth_user_id' => 100 + $id, 'client_id' => $id, 'owner' => 1]);
        }
    }

    private static function services(array $secrets): void
    {
        self::insert('tblproducts', ['gid' => 1, 'name' => 'Small VPS', 'type' => 'server', 'servertype' => 'example']);
        self::insert('tblservers', [
            'name' => 'node1', 'ipaddress' => '192.0.2.10', 'assignedips' => '', 'hostname' => 'node1.hosting.example',
            'statusaddress' => '', 'type' => 'example', 'username' => 'root', 'password' => encrypt($secrets['server']),
            'accesshash' => $secrets['access_hash'], 'port' => 2087, 'active' => 1, 'disabled' => 0,
        ]);
        foreach ([1, 2] as $client) {
            self::insert('tblhosting', [
                'userid' => $client, 'orderid' => $client, 'packageid' => 1, 'server' => 1, 'regdate' => '2020-01-01',
                'domain' => 'host' . $client . '.client.example', 'amount' => '9.90', 'billingcycle' => 'Monthly',
                'nextduedate' => '2026-12-01', 'domainstatus' => 'Active', 'username' => 'user' . $client,
                'password' => encrypt($secrets['service']), 'dedicatedip' => '192.0.2.' . (20 + $client),
                'assignedips' => '', 'ns1' => '', 'ns2' => '', 'lastupdate' => self::ZERO,
            ]);
        }
    }

    private static function texts(): void
    {
        self::insert('tblknowledgebasecats', [
            'parentid' => 0, 'name' => 'General', 'description' => '', 'hidden' => '', 'catid' => 0, 'language' => '',
        ]);
        foreach (['How to restart a server', 'How to read an invoice', 'How to order'] as $order => $title) {
            self::insert('tblknowledgebase', [
                'title' => $title, 'article' => '<p>' . $title . '</p>', 'views' => 0, 'private' => '',
                'order' => $order, 'parentid' => 0, 'language' => '',
            ]);
            self::insert('tblknowledgebaselinks', ['categoryid' => 1, 'articleid' => $order + 1]);
        }
    }

    private static function ticket(): void
    {
        Tickets::open([
            'deptid' => 1, 'userid' => 1, 'requestor_id' => 101, 'subject' => 'My server is slow',
            'message' => 'Since this morning.', 'priority' => 'Medium', 'service' => 'S1',
        ]);
    }
}
