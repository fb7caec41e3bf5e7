<?php

namespace WhmcsDouble;

use Illuminate\Database\Schema\Blueprint;
use WHMCS\Database\Capsule;

/**
 * WHMCS's tables, with the columns that matter here. As there, texts are NOT NULL and have no default.
 */
final class Schema
{
    // `*` may be null, `=value` has a default; without either an insert must name the column.
    private const TABLES = [
        'tblconfiguration' => 'id setting:string value:text',
        'tbladmins' => 'id uuid:string roleid:int username:string firstname:string lastname:string email:string
            template:string language:string supportdepts:string disabled:int=0',
        'tbladminroles' => 'id name:string',
        'tbladdonmodules' => 'id module:string setting:string value:text',
        'tbldeviceauth' => 'id identifier:string secret:string user_id:int actions:text*',
        'tblactivitylog' => 'id date:datetime description:text user:string userid:int user_id:int admin_id:int
            ipaddr:string',
        'tblmodulelog' => 'id date:datetime module:string action:string request:long response:long arrdata:long',
        'tbltickets' => 'id tid:string did:int userid:int contactid:int requestor_id:int=0
            prevent_client_closure:int=0 name:text email:text cc:text c:text ipaddress:string* date:datetime title:text
            message:text status:string urgency:text admin:text attachment:text attachments_removed:int=0
            lastreply:datetime flag:int clientunread:int=0 adminunread:text replyingadmin:int replyingtime:datetime
            service:text merged_ticket_id:int=0 editor:string=plain pinned_at:datetime* updated_at:datetime*',
        'tblticketreplies' => 'id tid:int userid:int contactid:int requestor_id:int=0 name:text email:text date:datetime
            message:text admin:text attachment:text attachments_removed:int=0 rating:int editor:string=plain',
        'tblticketnotes' => 'id ticketid:int admin:string date:datetime message:text attachments:text
            attachments_removed:int=0 editor:string=plain',
        'tblticketdepartments' => 'id name:text description:text email:text clientsonly:text piperepliesonly:text
            noautoresponder:text hidden:text order:int host:text port:text login:text password:text
            mail_auth_config:text* feedback_request:int=0 prevent_client_closure:int=0',
        'tblticketstatuses' => 'id title:string color:string sortorder:int showactive:int showawaiting:int
            autoclose:int',
        'tblticketlog' => 'id date:datetime tid:int action:text',
        'tblticket_watchers' => 'id ticket_id:int admin_id:int',
        'tbltickettags' => 'id ticketid:int tag:string',
        'tblticketfeedback' => 'id ticketid:int adminid:int rating:int comments:text datetime:datetime ip:string',
        'tblclients' => 'id uuid:string firstname:text lastname:text companyname:text email:text phonenumber:text
            currency:int credit:money=0 datecreated:date groupid:int status:string language:text
            marketing_emails_opt_in:int=0 emailoptout:int=0 lastlogin:datetime*',
        'tblusers' => 'id first_name:string last_name:string email:string password:string language:string',
        'tblusers_clients' => 'id auth_user_id:int client_id:int owner:int=0 permissions:text*',
        'tblcurrencies' => 'id code:text prefix:text suffix:text rate:rate default:int',
        'tblproducts' => 'id gid:int name:text type:text servertype:text',
        'tblhosting' => 'id userid:int orderid:int packageid:int server:int regdate:date domain:text qty:int=1
            amount:money billingcycle:text nextduedate:date domainstatus:string username:text password:text
            dedicatedip:text assignedips:text ns1:text ns2:text lastupdate:datetime created_at:datetime*',
        'tblservers' => 'id name:text ipaddress:text assignedips:text hostname:text statusaddress:text type:text
            username:text password:text accesshash:text port:int* active:int disabled:int',
        'tblaccounts' => 'id userid:int currency:int gateway:text date:datetime description:text amountin:money=0
            fees:money=0 amountout:money=0 rate:rate=1 transid:text invoiceid:int=0 refundid:int=0',
        'tblinvoices' => 'id userid:int invoicenum:text date:date duedate:date datepaid:datetime subtotal:money
            credit:money total:money status:text paymentmethod:text notes:text date_refunded:datetime*
            date_cancelled:datetime* created_at:datetime* updated_at:datetime*',
        'tblinvoiceitems' => 'id invoiceid:int userid:int type:text relid:int description:text amount:money
            taxed:int paymentmethod:text notes:text',
        'tblcredit' => 'id clientid:int admin_id:int date:date description:text amount:money relid:int',
        'tblknowledgebase' => 'id title:text article:text views:int useful:int=0 votes:int=0 private:text order:int
            parentid:int language:text',
        'tblknowledgebasecats' => 'id parentid:int name:text description:text hidden:text catid:int language:text',
        'tblknowledgebaselinks' => 'id categoryid:int articleid:int',
        'tblknowledgebasetags' => 'id articleid:int tag:string',
        'tblannouncements' => 'id date:datetime title:text announcement:text published:text parentid:int language:text
            created_at:datetime* updated_at:datetime*',
    ];

    public static function create(): void
    {
        foreach (self::TABLES as $name => $columns) {
            Capsule::schema()->create($name, function (Blueprint $table) use ($columns) {
                foreach (preg_split('/\s+/', $columns) as $column) {
                    self::column($table, $column);
                }
            });
        }
    }

    private static function column(Blueprint $table, string $written): void
    {
        if ($written === 'id') {
            $table->increments('id');
            return;
        }
        preg_match('/^(\w+):([a-z]+)(\*)?(?:=(.*))?$/', $written, $part);
        $name = $part[1];
        $made = [
            'int' => function () use ($table, $name) {
                return $table->integer($name);
            },
            'string' => function () use ($table, $name) {
                return $table->string($name);
            },
            'text' => function () use ($table, $name) {
                return $table->text($name);
            },
            'long' => function () use ($table, $name) {
                return $table->mediumText($name);
            },
            'date' => function () use ($table, $name) {
                return $table->date($name);
            },
            'datetime' => function () use ($table, $name) {
                return $table->dateTime($name);
            },
            'money' => function () use ($table, $name) {
                return $table->decimal($name, 16, 2);
            },
            'rate' => function () use ($table, $name) {
                return $table->decimal($name, 16, 5);
            },
        ][$part[2]]();
        if (($part[3] ?? '') === '*') {
            $made->nullable();
        }
        if (isset($part[4])) {
            $made->default($part[4]);
        }
    }
}
